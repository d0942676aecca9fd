/**
 * Operands of the commands: a full FMRI, the tail of one on an element boundary, or a glob.
 * What each of them matches, and what is said about those that match nothing or too much.
 * Read in illumos: libscf/common/lowlevel.c (scf_walk_fmri) and error.c, fnmatch(5).
 */
import { formatFmri, instanceFmri, parseFmri } from './fmri.ts'
import { own, type Repository } from './repository.ts'

export interface Selection {
  /** svc: FMRIs in the order of the operands, each once. */
  fmris: string[]
  /** Lines for standard error, without the command's name in front. */
  errors: string[]
}

export interface SelectionRules {
  /** Whether services themselves may be chosen: 'prefer' takes them before their instances, 'fallback' after. */
  services?: 'prefer' | 'fallback'
  /** Whether property groups and properties may be chosen. */
  properties?: boolean
  /** Refuses an operand that is no glob and matches several instances, as svcadm does. */
  onlyGlobsMayMatchSeveral?: boolean
}

export function select(repository: Repository, operands: string[], rules: SelectionRules = {}): Selection {
  const fmris = new Set<string>()
  const errors: string[] = []
  for (const operand of operands) {
    const matches = exact(repository, operand, rules) ?? search(repository, operand, rules)
    if (matches.length === 0) errors.push(`Pattern '${operand}' doesn't match any ${entities(rules)}`)
    else if (rules.onlyGlobsMayMatchSeveral && matches.length > 1 && !isGlob(operand))
      errors.push(
        `Partial FMRI '${operand}' matches multiple instances:\n${matches.map((m) => `    ${m}`).join('\n')}`,
      )
    else for (const match of matches) fmris.add(match)
  }
  return { fmris: [...fmris], errors }
}

function entities(rules: SelectionRules): string {
  if (rules.properties) return 'entities'
  return rules.services ? 'instances or services' : 'instances'
}

export function isGlob(operand: string): boolean {
  return /[*?[]/.test(operand)
}

function exact(repository: Repository, operand: string, rules: SelectionRules): string[] | undefined {
  const fmri = parseFmri(operand)
  if (!fmri) return undefined
  const service = repository.service(fmri.service)
  if (!service) return undefined
  if (fmri.group !== undefined) {
    if (!rules.properties) return undefined
    const group = own(repository.groupsOf(fmri) ?? {}, fmri.group)
    const found = group && (fmri.property === undefined || own(group.properties, fmri.property))
    return found ? [formatFmri(fmri)] : undefined
  }
  if (fmri.instance !== undefined)
    return own(service.instances, fmri.instance) ? [formatFmri(fmri)] : undefined
  if (rules.services) return [formatFmri(fmri)]
  return Object.keys(service.instances).map((instance) => instanceFmri(fmri.service, instance))
}

function search(repository: Repository, operand: string, rules: SelectionRules): string[] {
  const matches = matcher(operand)
  const found: string[] = []
  for (const [name, service] of Object.entries(repository.services)) {
    const self = `svc:/${name}`
    const selfMatches = rules.services !== undefined && matches(self)
    const instances = Object.keys(service.instances)
      .map((instance) => instanceFmri(name, instance))
      .filter(matches)
    if (selfMatches && (rules.services === 'prefer' || instances.length === 0)) found.push(self)
    else found.push(...instances)
  }
  return found
}

function matcher(operand: string): (fmri: string) => boolean {
  if (!isGlob(operand)) return (fmri) => matchesTail(fmri, operand)
  const glob = operand.startsWith('*') || operand[3] === ':' ? operand : `svc:/${operand}`
  const expression = globExpression(glob)
  return (fmri) => expression.test(fmri)
}

function matchesTail(fmri: string, operand: string): boolean {
  const start = fmri.indexOf(operand)
  if (operand === '' || start < 0) return false
  const end = start + operand.length
  const before = fmri[start - 1]
  if (start > 0 && before !== '/' && before !== ':' && operand[0] !== ':') return false
  if (end !== fmri.length && fmri[end] !== ':' && fmri[end - 1] !== ':') return false
  return end > 'svc:'.length
}

/** A regular expression for fnmatch(3) without flags: * and ? match slashes too. */
export function globExpression(glob: string): RegExp {
  let source = ''
  for (let i = 0; i < glob.length; i++) {
    const character = glob[i] ?? ''
    const set = character === '[' ? /^\[[!^]?\]?[^\]]*\]/.exec(glob.slice(i))?.[0] : undefined
    if (set) {
      source += set.replace(/^\[[!^]/, '[^').replace(/\\/g, '\\\\')
      i += set.length - 1
    } else if (character === '*') source += '.*'
    else if (character === '?') source += '.'
    else source += character.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  }
  try {
    return new RegExp(`^${source}$`, 's')
  } catch {
    return /(?!)/
  }
}
