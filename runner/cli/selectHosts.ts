/** Words on the command line -> hosts of hosts.yaml: names, patterns, @groups, all, and ! for what is left out. Pure. */
import type { Host } from '../config/hosts.ts'
import { type Project, unknownHost } from '../config/load.ts'
import { suggestion } from '../config/suggest.ts'
import { BuildStackError } from '../errors.ts'
import { matchesPattern } from '../transports/hostPattern.ts'

type Hosts = Pick<Project, 'hosts'>

/**
 * In the order of hosts.yaml, each once.
 * @throws BuildStackError USAGE for a word that fits no host, with what is near, and when nothing is left.
 */
export function hostsNamed(project: Hosts, words: readonly string[]): Host[] {
  const [out, wanted] = [words.filter(isExclusion), words.filter((word) => !isExclusion(word))]
  if (wanted.length === 0 && out.length > 0) {
    throw new BuildStackError('USAGE', `${out[0]} only says what is left out`, {
      next: `name what it is left out of, for instance: all '${out[0]}'`,
    })
  }
  const chosen = new Set(wanted.flatMap((word) => fitting(word, project)))
  for (const word of out) for (const host of fitting(word.slice(1), project)) chosen.delete(host)
  if (wanted.length > 0 && chosen.size === 0) {
    throw new BuildStackError('USAGE', `no host is left of ${words.join(' ')}`, {
      next: 'leave out less',
    })
  }
  return [...project.hosts.values()].filter((host) => chosen.has(host))
}

/** For commands that are about every host when none is named. */
export function hostsOrAll(project: Hosts, words: readonly string[]): Host[] {
  return words.length > 0 ? hostsNamed(project, words) : [...project.hosts.values()]
}

/** For commands that are about one. @throws BuildStackError USAGE as hostsNamed, and when the word fits several. */
export function hostNamed(project: Hosts, word: string): Host {
  const found = hostsNamed(project, [word])
  const [host] = found
  if (host && found.length === 1) return host
  const names = found.map(({ name }) => name).join(', ')
  throw new BuildStackError('USAGE', `"${word}" stands for ${found.length} hosts, and one is needed`, {
    next: `name one of ${names}`,
  })
}

/** Whether a run takes every host of several although somebody did not name each of them. */
export function isEverything(project: Hosts, words: readonly string[], chosen: readonly Host[]): boolean {
  const named = words.filter((word) => project.hosts.has(word))
  return chosen.length > 1 && chosen.length === project.hosts.size && named.length < chosen.length
}

function isExclusion(word: string): boolean {
  return word.startsWith('!')
}

function fitting(word: string, project: Hosts): Host[] {
  const hosts = [...project.hosts.values()]
  if (word === 'all') return hosts
  const group = word.startsWith('@') ? word.slice(1) : undefined
  const found = hosts.filter((host) =>
    group === undefined
      ? matchesPattern(word, host.name)
      : host.roles.some((role) => matchesPattern(group, role)),
  )
  if (found.length > 0) return found
  if (group !== undefined) throw unknownGroup(group, hosts)
  if (!/[*?]/.test(word)) throw unknownHost(word, project)
  const names = hosts.map((host) => host.name)
  throw new BuildStackError('USAGE', `no host fits "${word}"${suggestion(bare(word), names, 'there are')}`, {
    next: 'name hosts of hosts.yaml, or patterns that fit some',
  })
}

function unknownGroup(group: string, hosts: readonly Host[]): BuildStackError {
  const groups = [...new Set(hosts.flatMap((host) => host.roles))]
  const hint = suggestion(bare(group), groups, 'there are')
  return new BuildStackError('USAGE', `no host is in a group or has a role "${group}"${hint}`, {
    next: 'name a role or a group of hosts.yaml, or of one of its inventories',
  })
}

function bare(pattern: string): string {
  return pattern.replace(/[*?]/g, '')
}
