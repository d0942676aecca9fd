/** Whether a host is the one it says it is: reads the known_hosts files, asks about strangers, adds them. */
import { readFileSync } from 'node:fs'
import { appendFile, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { type HostKeyAlgorithm, hostKeyAlgorithms } from './algorithms.ts'
import { type Hop, hopContext, hopName } from './connectError.ts'
import {
  fingerprint,
  judgeHostKey,
  type KnownHost,
  keyType,
  knownHostLine,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
} from './knownHosts.ts'
import type { SshInteraction } from './ssh.ts'

export interface HostKeyCheck {
  /** Those whose key is known come first. */
  algorithms: HostKeyAlgorithm[]
  /** Resolves when the key may be trusted, else rejects with CONNECT. Called again at each new key exchange. */
  verify(key: Buffer): Promise<void>
}

export async function hostKeyCheck(hop: Hop, interaction: SshInteraction): Promise<HostKeyCheck> {
  const { address, port, hostKeyAlias, knownHostsFiles } = hop.target
  const name = hostKeyAlias?.toLowerCase() ?? knownHostName(address, port)
  const names = hostKeyAlias === undefined && port !== 22 ? [name, address.toLowerCase()] : [name]
  const entries = knownHostsFiles.flatMap((file) => readKnownHosts(file, hop))
  let accepted: Buffer | undefined
  const verify = async (key: Buffer) => {
    if (accepted?.equals(key)) return
    const verdict = judgeHostKey(entries, names, key)
    if (verdict.state === 'revoked') throw revokedError(hop, key, verdict.entry)
    if (verdict.state === 'changed') throw changedError(hop, name, key, verdict.entry)
    if (verdict.state === 'unknown') {
      await acceptUnknown(hop, name, key, verdict.others, interaction)
      await addKnownHost(hop, knownHostLine(name, key))
    }
    accepted = key
  }
  return { algorithms: hostKeyAlgorithms(knownKeyTypes(entries, names), hop.target.algorithms), verify }
}

// Synchronously, since a small file is read sooner than a thread is found that would read it.
function readKnownHosts(file: string, hop: Hop): KnownHost[] {
  try {
    return parseKnownHosts(readFileSync(file, 'utf8'), file)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    const message = `${hopName(hop)}: the known hosts in ${file} cannot be read`
    throw new BuildStackError('CONNECT', message, hopContext(hop, `Check it with: ls -l ${file}`, cause))
  }
}

function revokedError(hop: Hop, key: Buffer, entry: KnownHost): BuildStackError {
  const message = `${hopName(hop)} shows a host key that is revoked in ${entry.file}:${entry.line} (${shown(key)})`
  return new BuildStackError('CONNECT', message, hopContext(hop, 'Ask who runs the host what its key is now'))
}

function changedError(hop: Hop, name: string, key: Buffer, entry: KnownHost): BuildStackError {
  const message =
    `${hopName(hop)} shows another host key than the one in ${entry.file}:${entry.line}: ` +
    `${shown(key)} now, ${shown(entry.key)} there. Somebody may be listening in, or the host was installed anew`
  const next = `If the host really has a new key: ssh-keygen -R '${name}' -f ${entry.file}, then connect again`
  return new BuildStackError('CONNECT', message, hopContext(hop, next))
}

async function acceptUnknown(
  hop: Hop,
  name: string,
  key: Buffer,
  others: KnownHost[],
  interaction: SshInteraction,
): Promise<void> {
  const type = keyType(key) ?? 'unknown'
  if (interaction.acceptNewHostKeys) {
    // A host whose known key is gone is not a new host.
    if (others[0]) throw changedError(hop, name, key, others[0])
    return
  }
  const { address, port } = hop.target
  if (interaction.confirmHostKey) {
    const question = { host: hop.target.hostKeyAlias ?? address, port, type, fingerprint: fingerprint(key) }
    if (await interaction.confirmHostKey(question)) return
    const message = `the host key of ${hopName(hop)} was not accepted (${shown(key)})`
    throw new BuildStackError(
      'CONNECT',
      message,
      hopContext(hop, 'Ask who runs the host for its fingerprint'),
    )
  }
  const message =
    `the host key of ${hopName(hop)} is not known (${shown(key)})` +
    (others[0] ? `; ${others[0].file}:${others[0].line} has one of another type` : '')
  const scan = `ssh-keyscan -p ${port} ${address}`
  const next =
    `Compare it with the host's own, then run again with --accept-new-host-keys, ` +
    `or add the line that ${scan} prints to ${hop.target.knownHostsFiles[0] ?? '~/.ssh/known_hosts'}`
  throw new BuildStackError('CONNECT', message, hopContext(hop, next))
}

function shown(key: Buffer): string {
  return `${keyType(key)} ${fingerprint(key)}`
}

async function addKnownHost(hop: Hop, line: string): Promise<void> {
  const file = hop.target.knownHostsFiles[0]
  if (file === undefined) return
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    // One append, so that runs side by side do not mix their lines.
    await appendFile(file, `${(await endsWithNewline(file)) ? '' : '\n'}${line}\n`, { mode: 0o600 })
  } catch (cause) {
    const message = `${hopName(hop)}: its host key cannot be added to ${file}`
    throw new BuildStackError('CONNECT', message, hopContext(hop, `Make ${file} writable`, cause))
  }
}

/** True for a file that is empty or missing too. */
async function endsWithNewline(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      if (size === 0) return true
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
      return buffer[0] === 0x0a
    } finally {
      await handle.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
}
