/** From an entry of hosts.yaml to all that a connection needs: the entry, over ~/.ssh/config, over defaults. */
import { BuildStackError } from '../errors.ts'
import { resolveSshConfig, type SshConfig, type SshConfigContext } from './sshConfig.ts'
import type { Algorithms, SshTarget } from './transport.ts'

/** What hosts.yaml may say about reaching a host. */
export interface SshHostEntry {
  name: string
  /** The name without it. */
  address?: string | undefined
  port?: number | undefined
  user?: string | undefined
  /** Private key file; ~ is the home folder. With it no other key is tried. */
  key?: string | undefined
  /** "user@host:port" or a name in hosts.yaml or ~/.ssh/config; several with commas, the first reached first. */
  jump?: string | undefined
  /** false: do not use the agent. */
  agent?: boolean | undefined
  /** Read instead of ~/.ssh/config. */
  sshConfig?: string | undefined
  /** legacy: offer what SunSSH and OpenSSH 4 speak, too. */
  algorithms?: Algorithms | undefined
}

export interface SshSurroundings extends Omit<SshConfigContext, 'file'> {
  exists: (file: string) => boolean
  /** The text of ~/.ssh/config, empty without one. */
  config: string
  configFile: string
  /** The text of another ssh_config. */
  textOf: (file: string) => string
  /** Other entries of hosts.yaml, which `jump` may name. */
  hosts: (name: string) => SshHostEntry | undefined
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa']
const DEFAULT_CONNECT_TIMEOUT = 20
const DEFAULT_KEEPALIVE = 30

/** CONFIG for a jump that cannot be read or leads in a circle, and for an unreadable ~/.ssh/config. */
export function sshTarget(entry: SshHostEntry, surroundings: SshSurroundings): SshTarget {
  return target(entry, surroundings, [])
}

/** `way` has the names that this one is a jump for, so that a circle is seen. */
function target(entry: SshHostEntry, around: SshSurroundings, way: string[]): SshTarget {
  if (way.includes(entry.name)) {
    const circle = [...way.slice(way.indexOf(entry.name)), entry.name].join(' through ')
    throw new BuildStackError('CONFIG', `jump hosts in a circle: ${circle}`, { host: way[0] ?? entry.name })
  }
  const address = entry.address ?? entry.name
  const { sshConfig } = entry
  const text = sshConfig === undefined ? around.config : around.textOf(sshConfig)
  const said = resolveSshConfig(text, address, { ...around, file: sshConfig ?? around.configFile })
  return {
    name: entry.name,
    address: said.HostName,
    port: entry.port ?? said.Port ?? 22,
    user: entry.user ?? said.User ?? around.user,
    identityFiles: identityFiles(entry, said, around),
    identitiesOnly: entry.key !== undefined || said.IdentitiesOnly,
    agent: entry.agent === false ? undefined : agent(said, around),
    knownHostsFiles: [
      ...(said.UserKnownHostsFile ?? [`${around.home}/.ssh/known_hosts`]),
      '/etc/ssh/ssh_known_hosts',
    ],
    hostKeyAlias: said.HostKeyAlias,
    jump: jump(entry.jump ?? said.ProxyJump, around, [...way, entry.name], sshConfig),
    ...(entry.algorithms === undefined ? {} : { algorithms: entry.algorithms }),
    connectTimeoutSeconds: said.ConnectTimeout || DEFAULT_CONNECT_TIMEOUT,
    keepaliveSeconds: said.ServerAliveInterval ?? DEFAULT_KEEPALIVE,
  }
}

function identityFiles(entry: SshHostEntry, said: SshConfig, around: SshSurroundings): string[] {
  if (entry.key !== undefined) return [entry.key.replace(/^~(?=\/)/, around.home)]
  if (said.IdentityFile.length > 0) return said.IdentityFile
  return DEFAULT_KEYS.map((name) => `${around.home}/.ssh/${name}`).filter(around.exists)
}

function agent(said: SshConfig, around: SshSurroundings): string | undefined {
  if (said.IdentityAgent === 'none') return undefined
  return said.IdentityAgent ?? (around.env.SSH_AUTH_SOCK || undefined)
}

/** The last of a chain is the nearest to the target, and is itself reached through the ones before it. */
function jump(
  chain: string | undefined,
  around: SshSurroundings,
  way: string[],
  sshConfig: string | undefined,
): SshTarget | undefined {
  if (chain === undefined || chain.trim() === '' || chain.toLowerCase() === 'none') return undefined
  const hops = chain.split(',').map((hop) => hop.trim())
  const last = hops.pop() as string
  const entry = jumpEntry(last, around, way[0])
  const before = hops.length > 0 ? hops.join(',') : entry.jump
  return target({ sshConfig, ...entry, jump: before }, around, way)
}

function jumpEntry(text: string, around: SshSurroundings, host: string | undefined): SshHostEntry {
  const known = around.hosts(text)
  if (known) return known
  const found = /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(\[[0-9a-fA-F:.%\w]+\]|[^\s:@[\]]+)(?::(\d{1,5}))?\/?$/.exec(
    text,
  )
  const [, user, place = '', port] = found ?? []
  if (!found || Number(port ?? 22) > 65535 || Number(port ?? 22) < 1) {
    const message = `jump: ${JSON.stringify(text)} is neither a host of hosts.yaml nor user@host:port`
    throw new BuildStackError('CONFIG', message, host === undefined ? {} : { host })
  }
  const name = place.replace(/^\[|\]$/g, '')
  const entry = around.hosts(name) ?? { name }
  return { ...entry, user: user ?? entry.user, port: port === undefined ? entry.port : Number(port) }
}
