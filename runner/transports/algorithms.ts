/**
 * Which algorithms are offered to a host, and what to say when it shares none of them. Pure.
 * Hosts that speak only SHA-1 (SunSSH, OpenSSH before 6.5) are left out: `algorithms: legacy` in the host's entry
 * of hosts.yaml lets them in, for that host only.
 */
import type { Algorithms } from './transport.ts'

const MODERN_HOST_KEYS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const

/**
 * What SunSSH 1.1 and OpenSSH 4 have, the strongest first. Their RC4, Blowfish and CAST are missing: today's OpenSSL
 * does not have them, and every such server has an AES or 3DES beside.
 */
const LEGACY = {
  kex: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
  hostKey: ['ssh-rsa', 'ssh-dss'],
  cipher: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
  mac: ['hmac-sha1-96', 'hmac-md5', 'hmac-md5-96'],
} as const

export type HostKeyAlgorithm = (typeof MODERN_HOST_KEYS)[number] | (typeof LEGACY.hostKey)[number]

/**
 * Those of the host's known key types first: a host whose RSA key is known would otherwise show its Ed25519
 * key, which is not, and look like a stranger.
 */
export function hostKeyAlgorithms(knownTypes: string[], mode: Algorithms = 'modern'): HostKeyAlgorithm[] {
  const all = mode === 'legacy' ? [...MODERN_HOST_KEYS, ...LEGACY.hostKey] : MODERN_HOST_KEYS
  const isKnown = (algorithm: HostKeyAlgorithm) => knownTypes.includes(keyTypeOf(algorithm))
  return [...all.filter(isKnown), ...all.filter((a) => !isKnown(a))]
}

/** What is offered beside the library's own lists, after all of them. */
export function furtherAlgorithms(mode: Algorithms = 'modern') {
  if (mode === 'modern') return {}
  return {
    kex: { append: [...LEGACY.kex], prepend: [], remove: [] },
    cipher: { append: [...LEGACY.cipher], prepend: [], remove: [] },
    hmac: { append: [...LEGACY.mac], prepend: [], remove: [] },
  }
}

/** Whether `algorithms: legacy` would help against a mismatch. */
export function isLegacyOnly({ kind, theirs }: AlgorithmMismatch): boolean {
  const legacy: Record<string, readonly string[]> = {
    'key exchange method': LEGACY.kex,
    'host key type': LEGACY.hostKey,
    cipher: LEGACY.cipher,
    MAC: LEGACY.mac,
  }
  return theirs.some((name) => legacy[kind]?.includes(name))
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
