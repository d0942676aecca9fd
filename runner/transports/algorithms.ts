/**
 * Which algorithms are offered to a host, and what to say when it shares none of them. Pure.
 * Hosts that speak only SHA-1 (SunSSH, OpenSSH before 6.5) are left out on purpose: that has to be asked for.
 */

const HOST_KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const

export type HostKeyAlgorithm = (typeof HOST_KEY_ALGORITHMS)[number]

/**
 * Those of the host's known key types first: a host whose RSA key is known would otherwise show its Ed25519
 * key, which is not, and look like a stranger.
 */
export function hostKeyAlgorithms(knownTypes: string[]): HostKeyAlgorithm[] {
  const isKnown = (algorithm: HostKeyAlgorithm) => knownTypes.includes(keyTypeOf(algorithm))
  return [...HOST_KEY_ALGORITHMS.filter(isKnown), ...HOST_KEY_ALGORITHMS.filter((a) => !isKnown(a))]
}

function keyTypeOf(algorithm: HostKeyAlgorithm): string {
  return algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm
}

export interface AlgorithmMismatch {
  /** "key exchange method", "host key type", "cipher", "MAC", "compression" */
  kind: string
  ours: string[]
  theirs: string[]
}

// ssh2 tells the lists only in its debugging lines, always in the order of the negotiation.
const KINDS: [heading: RegExp, kind: string][] = [
  [/^KEX method$/, 'key exchange method'],
  [/^Host key format$/, 'host key type'],
  [/ cipher$/, 'cipher'],
  [/ MAC$/, 'MAC'],
  [/ compression$/, 'compression'],
]

/** Reads the last pair of lists that a failed negotiation compared. */
export function algorithmMismatch(debugLines: string[]): AlgorithmMismatch | undefined {
  let mismatch: AlgorithmMismatch | undefined
  for (const line of debugLines) {
    const found = /^Handshake: \((local|remote)\) ([^:]+): (.*)$/.exec(line)
    const [, side, heading = '', list = ''] = found ?? []
    const kind = KINDS.find(([pattern]) => pattern.test(heading))?.[1]
    if (kind === undefined) continue
    const names = list.split(',').filter(isAlgorithm)
    if (side === 'local') mismatch = { kind, ours: names, theirs: [] }
    else if (mismatch) mismatch = { ...mismatch, theirs: names }
  }
  return mismatch
}

// Markers of protocol extensions stand among the key exchange methods.
function isAlgorithm(name: string): boolean {
  return name !== '' && !name.startsWith('ext-info-') && !name.startsWith('kex-strict-')
}
