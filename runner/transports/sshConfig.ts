/**
 * What ~/.ssh/config says about one host. The only import of `ssh-config`, which reads the text, matches Match
 * and merges; includes, Host patterns, tokens and paths are done here. Nothing is run: Match exec never applies, and names are
 * not made canonical.
 */
import SSHConfig, { type Directive, type Line, LineType, type Section } from 'ssh-config'
import { BuildStackError } from '../errors.ts'
import { matchesPattern } from './hostPattern.ts'

/** Only what was said; paths are absolute and tokens expanded. */
export interface SshConfig {
  HostName: string
  Port?: number
  User?: string
  IdentityFile: string[]
  IdentitiesOnly: boolean
  /** "none" is a word of its own: no jump host, whatever follows. */
  ProxyJump?: string
  UserKnownHostsFile?: string[]
  HostKeyAlias?: string
  /** Seconds. */
  ConnectTimeout?: number
  /** Seconds. */
  ServerAliveInterval?: number
  /** A socket, or "none". */
  IdentityAgent?: string
}

export interface SshConfigContext {
  home: string
  /** The user here. */
  user: string
  /** The texts of the files that an Include pattern means (absolute, may hold * and ?), in order. */
  readInclude: (pattern: string) => string[]
  /** Environment variables that values may name: ${VAR}, and $VAR for IdentityAgent. */
  env: Record<string, string | undefined>
  /** Where the text is from, for errors. */
  file: string
}

const INCLUDES = 16
// They would run a program each, one of them on a value that the config makes.
const NEVER = /^(CanonicalizeHostName|CanonicalDomains)$/i
// ssh-config knows only these by this spelling.
const SPELLINGS = ['HostName', 'User', 'IdentityFile', 'Host', 'Match', 'Include']

/** CONFIG for a text that is no ssh_config, and for includes without end. */
export function resolveSshConfig(text: string, alias: string, context: SshConfigContext): SshConfig {
  const said = compute(parse(text, context), alias, context)
  const one = (name: string): string | undefined => [said[name.toLowerCase()]].flat()[0]
  const all = (name: string): string[] => [said[name.toLowerCase()] ?? []].flat()
  const hostName = expandTokens(one('HostName') ?? alias, { '%': '%', h: alias })
  const port = number(one('Port'))
  const user = one('User')
  const tokens: Record<string, string> = {
    '%': '%',
    h: hostName,
    n: alias,
    r: user ?? context.user,
    u: context.user,
    d: context.home,
    p: String(port ?? 22),
    k: one('HostKeyAlias') ?? alias,
  }
  const path = (value: string) => expandPath(value, tokens, context)
  const agent = one('IdentityAgent')
  const settings = {
    Port: port,
    User: user,
    ProxyJump: one('ProxyJump'),
    UserKnownHostsFile: said.userknownhostsfile && all('UserKnownHostsFile').filter(isNamed).map(path),
    HostKeyAlias: one('HostKeyAlias'),
    ConnectTimeout: seconds(one('ConnectTimeout')),
    ServerAliveInterval: seconds(one('ServerAliveInterval')),
    IdentityAgent: agent && agentSocket(agent, path, context.env),
  }
  return {
    HostName: hostName,
    IdentityFile: all('IdentityFile').filter(isNamed).map(path),
    IdentitiesOnly: one('IdentitiesOnly')?.toLowerCase() === 'yes',
    ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
  }
}

const isNamed = (value: string) => value.toLowerCase() !== 'none'

/** Every name that a Host line of the text or of its includes has, once each; patterns are no names. */
export function hostsInSshConfig(text: string, context: SshConfigContext): string[] {
  return [...new Set(namesIn(parse(text, context), context, 0))]
}

function namesIn(lines: Line[], context: SshConfigContext, depth: number): string[] {
  if (depth > INCLUDES) throw tooDeep(context)
  return lines.flatMap((line): string[] => {
    if (line.type !== LineType.DIRECTIVE) return []
    if (/^include$/i.test(line.param)) {
      return includedTexts(line, '', context).flatMap((each) =>
        namesIn(parse(each, context), context, depth + 1),
      )
    }
    if (!('config' in line)) return []
    const own = /^host$/i.test(line.param) ? values(line).filter((name) => !/[*?!]/.test(name)) : []
    return [...own, ...namesIn((line as Section).config, context, depth)]
  })
}

function parse(text: string, context: SshConfigContext): SSHConfig {
  try {
    return SSHConfig.parse(text)
  } catch (cause) {
    const message = `${context.file} cannot be understood: ${(cause as Error).message}`
    throw new BuildStackError('CONFIG', message, {
      next: `Check it with: ssh -G -F ${context.file} HOST`,
      cause,
    })
  }
}

function compute(
  config: SSHConfig,
  alias: string,
  context: SshConfigContext,
): Record<string, string | string[] | undefined> {
  const flat = new SSHConfig()
  flat.push(...flatten(config, alias, context, 0))
  return flat.compute(alias, { ignoreCase: true, matchExec: false })
}

/** The lines with includes put in their places, and without what must not run. */
function flatten(lines: Line[], alias: string, context: SshConfigContext, depth: number): Line[] {
  if (depth > INCLUDES) throw tooDeep(context)
  return lines.flatMap((line): Line[] => {
    if (line.type !== LineType.DIRECTIVE || NEVER.test(line.param)) return []
    line.param = SPELLINGS.find((name) => name.toLowerCase() === line.param.toLowerCase()) ?? line.param
    if (line.param === 'Include') return included(line, alias, context, depth)
    if (!('config' in line)) return [line]
    return flattenSection(line as Section, alias, context, depth)
  })
}

function flattenSection(section: Section, alias: string, context: SshConfigContext, depth: number): Line[] {
  // The library's own patterns differ from ssh's (commas, ?), and its sections do not nest as includes do.
  if (section.param === 'Host') {
    return appliesTo(values(section), alias) ? flatten(section.config, alias, context, depth) : []
  }
  if (section.config.some((line) => 'param' in line && /^include$/i.test(line.param))) {
    const message = `${context.file}: Include inside Match is not supported`
    throw new BuildStackError('CONFIG', message, { next: 'Move the Include above the first Host or Match' })
  }
  const config = new SSHConfig()
  config.push(...flatten(section.config, alias, context, depth))
  return [{ ...section, config }]
}

function appliesTo(patterns: string[], alias: string): boolean {
  if (patterns.some((p) => p.startsWith('!') && matchesPattern(p.slice(1), alias))) return false
  return patterns.some((pattern) => matchesPattern(pattern, alias))
}

function included(line: Directive, alias: string, context: SshConfigContext, depth: number): Line[] {
  return includedTexts(line, alias, context).flatMap((text) =>
    flatten(parse(text, context), alias, context, depth + 1),
  )
}

function includedTexts(line: Directive, alias: string, context: SshConfigContext): string[] {
  const tokens = { '%': '%', d: context.home, u: context.user, h: alias, n: alias }
  return values(line).flatMap((pattern) => {
    const below = /^[~/]/.test(pattern) ? pattern : `${context.home}/.ssh/${pattern}`
    return context.readInclude(expandPath(below, tokens, context))
  })
}

function tooDeep(context: SshConfigContext): BuildStackError {
  return new BuildStackError('CONFIG', `${context.file}: includes more than ${INCLUDES} deep`)
}

function values({ value }: Directive | Section): string[] {
  return Array.isArray(value) ? value.map((each) => each.val) : [value]
}

function expandTokens(text: string, tokens: Record<string, string>): string {
  return text.replace(/%(.)/g, (all, letter: string) => tokens[letter] ?? all)
}

function expandPath(text: string, tokens: Record<string, string>, context: SshConfigContext): string {
  const home = text.replace(/^~(?=\/|$)/, context.home)
  const variables = home.replace(/\$\{(\w+)\}/g, (all, name: string) => context.env[name] ?? all)
  return expandTokens(variables, tokens)
}

function agentSocket(
  value: string,
  path: (value: string) => string,
  env: SshConfigContext['env'],
): string | undefined {
  if (value.toLowerCase() === 'none') return 'none'
  if (value === 'SSH_AUTH_SOCK') return env.SSH_AUTH_SOCK
  const variable = /^\$(\w+)$/.exec(value)?.[1]
  return variable === undefined ? path(value) : env[variable]
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** ssh's time formats: 90, 90s, 5m, 1h30m. "none" is nothing said. */
function seconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+[smhdw]?)+$/i.test(text)) return undefined
  const factors: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 }
  const parts = text.matchAll(/(\d+)([smhdw]?)/gi)
  return [...parts].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (factors[unit?.toLowerCase() || 's'] ?? 1),
    0,
  )
}
