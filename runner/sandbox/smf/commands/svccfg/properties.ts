/**
 * svccfg's commands about property groups and properties.
 * Read in illumos: svccfg/svccfg_libscf.c (lscf_listpg, lscf_listprop, lscf_addpg, lscf_delpg, lscf_setprop,
 * lscf_delprop, lscf_addpropvalue, lscf_delpropvalue, lscf_setenv).
 */
import { isName } from '../../fmri.ts'
import { globExpression } from '../../patterns.ts'
import { type Groups, own, type PropertyGroup } from '../../repository.ts'
import { isPropertyType, normalise, type PropertyType } from '../../values.ts'
import { getopt } from '../getopt.ts'
import type { Token } from './lexer.ts'
import {
  fail,
  requirePermission,
  type Session,
  type Subcommand,
  selectedGroups,
  strings,
  words,
} from './session.ts'

export const listGroups: Subcommand = (session, tokens) => listing(session, tokens, false)
export const listProperties: Subcommand = (session, tokens) => listing(session, tokens, true)

function listing(session: Session, tokens: Token[], properties: boolean): boolean {
  const [pattern] = words(tokens, 0, 1) ?? []
  if (pattern === undefined && tokens.length > 0) return false
  const matches = pattern === undefined ? undefined : globExpression(pattern)
  const rows: [name: string, rest: string][] = []
  for (const [name, group] of Object.entries(selectedGroups(session))) {
    const whole = !matches || matches.test(name)
    if (whole) rows.push([name, `  ${group.type}${group.nonPersistent ? '\tNONPERSISTENT' : ''}`])
    if (!properties) continue
    for (const [property, { type, values }] of Object.entries(group.properties)) {
      const label = `${name}/${property}`
      if (!whole && !matches.test(label)) continue
      const several = values.length > 1 && (type === 'astring' || type === 'ustring')
      const shown = values.map((v) =>
        several || /[ \t\n"()]/.test(v) ? ` "${v.replace(/["\\]/g, '\\$&')}"` : ` ${v}`,
      )
      rows.push([label, `  ${type.padEnd(7)} ${shown.join('')}`])
    }
  }
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  for (const [name, rest] of rows) session.output.line(`${name.padEnd(width)}${rest}`)
  return true
}

export const addGroup: Subcommand = (session, tokens) => {
  const [name, type, flags = ''] = words(tokens, 2, 3) ?? []
  if (name === undefined || type === undefined) return false
  const groups = selectedGroups(session)
  requirePermission(session)
  const flag = [...flags].find((f) => f !== 'P' && f !== 'p')
  if (flag !== undefined) fail(session, `Invalid property group flag ${flag}.`)
  if (!isName(name) || !isName(type)) fail(session, 'Name, type, or flags are invalid.')
  if (own(groups, name)) fail(session, 'Property group already exists.')
  groups[name] = flags.includes('P')
    ? { type, nonPersistent: true, properties: {} }
    : { type, properties: {} }
  session.smf.repository.changed()
  return true
}

export const deleteGroup: Subcommand = (session, tokens) => {
  const [name] = words(tokens, 1, 1) ?? []
  if (name === undefined) return false
  const groups = selectedGroups(session)
  requirePermission(session)
  findGroup(session, groups, name)
  delete groups[name]
  session.smf.repository.changed()
  return true
}

export const deleteProperty: Subcommand = (session, tokens) => {
  const [name] = words(tokens, 1, 1) ?? []
  if (name === undefined) return false
  const groups = selectedGroups(session)
  requirePermission(session)
  const [groupName = '', property] = split(name)
  const group = findGroup(session, groups, groupName)
  if (property === undefined) delete groups[groupName]
  else if (!own(group.properties, property)) fail(session, `No such property ${groupName}/${property}.`)
  else delete group.properties[property]
  session.smf.repository.changed()
  return true
}

/** setprop group/name = [type:] value, or = [type:] (value ...) */
export const setProperty: Subcommand = (session, tokens) => {
  const [name, equals, ...rest] = tokens
  if (name?.type !== 'word' || equals?.type !== '=') return false
  const typed = rest.length > 1 && rest[0]?.type === 'word' && rest[0].text.endsWith(':')
  const typeWord = typed && rest[0]?.type === 'word' ? rest[0].text.slice(0, -1) : undefined
  const values = readValues(typed ? rest.slice(1) : rest)
  if (!values) return false
  const groups = selectedGroups(session)
  requirePermission(session)
  const { group, groupName, property } = target(session, groups, name.text)
  if (typeWord !== undefined && !isPropertyType(typeWord)) fail(session, `Unknown type "${typeWord}".`)
  const type = typeWord ?? own(group.properties, property)?.type ?? inherited(session, groupName, property)
  if (type === undefined) fail(session, 'Type required for new properties.')
  const quoted = values.list && (type === 'astring' || type === 'ustring')
  if (quoted && values.tokens.some((t) => t.type === 'word'))
    fail(session, "Multiple string values or string values with spaces must be quoted with '\"'.")
  group.properties[property] = {
    type,
    values: values.tokens.map((t) => checked(session, type, 'text' in t ? t.text : '')),
  }
  session.smf.repository.changed()
  return true
}

function readValues(tokens: Token[]): { tokens: Token[]; list: boolean } | undefined {
  const [first, ...more] = tokens
  if (first?.type === '(') {
    const inner = more.slice(0, -1)
    return more.at(-1)?.type === ')' && strings(inner) ? { tokens: inner, list: true } : undefined
  }
  return tokens.length === 1 && strings(tokens) ? { tokens, list: false } : undefined
}

function inherited({ selection, smf }: Session, group: string, property: string): PropertyType | undefined {
  const service = selection?.instance === undefined ? undefined : smf.repository.service(selection.service)
  return service && own(own(service.groups, group)?.properties ?? {}, property)?.type
}

export const addValue: Subcommand = (session, tokens) => {
  const texts = strings(tokens)
  if (!texts || texts.length < 2 || texts.length > 3) return false
  const [name = ''] = texts
  const value = texts[texts.length - 1] ?? ''
  const groups = selectedGroups(session)
  requirePermission(session)
  const { group, property } = target(session, groups, name)
  const word = texts.length === 3 ? texts[1]?.replace(/:$/, '') : undefined
  if (word !== undefined && !isPropertyType(word)) fail(session, `Unknown type "${word}".`)
  const existing = own(group.properties, property)
  if (existing && word !== undefined && existing.type !== word)
    fail(session, `Property "${property}" is not of type "${word}".`)
  const type = existing?.type ?? word
  if (type === undefined) fail(session, 'Type required for new properties.')
  group.properties[property] = { type, values: [...(existing?.values ?? []), checked(session, type, value)] }
  session.smf.repository.changed()
  return true
}

export const deleteValue: Subcommand = (session, tokens) => {
  const texts = strings(tokens)
  const [name, pattern] = texts ?? []
  if (name === undefined || pattern === undefined || texts?.length !== 2) return false
  const groups = selectedGroups(session)
  requirePermission(session)
  const { group, groupName, property } = target(session, groups, name)
  const existing = own(group.properties, property)
  if (!existing) fail(session, `No such property ${groupName}/${property}.`)
  const matches = globExpression(pattern)
  existing.values = existing.values.filter((v) => !matches.test(v))
  session.smf.repository.changed()
  return true
}

export const setEnvironment: Subcommand = (session, tokens) => environment(session, tokens, false)
export const unsetEnvironment: Subcommand = (session, tokens) => environment(session, tokens, true)

function environment(session: Session, tokens: Token[], remove: boolean): boolean {
  const texts = strings(tokens)
  const parsed = texts && getopt(texts, 'sim:')
  if (!parsed || parsed.unknown !== undefined || parsed.operands.length !== (remove ? 1 : 2)) return false
  const letters = new Set(parsed.options.map((o) => o.letter))
  if (letters.has('s') && letters.has('i')) return false
  const [name = '', value = ''] = parsed.operands
  requirePermission(session)
  if (!remove && (name === '' || name.includes('='))) fail(session, `Invalid environment variable "${name}".`)
  if (!remove && name.startsWith('SMF_'))
    fail(session, `Invalid environment variable "${name}"; "SMF_" prefix is reserved.`)
  const method = parsed.options.findLast((o) => o.letter === 'm')?.argument
  const groups = environmentGroups(session, letters)
  const groupName = method ?? (letters.has('s') || letters.has('i') ? 'method_context' : 'start')
  if (groupName === 'method_context' && !remove)
    groups.method_context ??= { type: 'framework', properties: {} }
  const group = own(groups, groupName)
  if (!group) {
    if (method !== undefined) fail(session, `Couldn't find the method "${method}".`)
    if (!remove) fail(session, "Couldn't find start method; please specify a method with '-m'.")
    return true
  }
  if (method !== undefined && group.type !== 'method')
    fail(session, `Property group "${method}" is not of type "method".`)
  const kept = (own(group.properties, 'environment')?.values ?? []).filter((v) => !v.startsWith(`${name}=`))
  group.properties.environment = { type: 'astring', values: remove ? kept : [...kept, `${name}=${value}`] }
  session.smf.repository.changed()
  return true
}

/** Where the variable goes: the instance, or the service when asked for or when only that has the method. */
function environmentGroups(session: Session, letters: Set<string>): Groups {
  const { selection, smf } = session
  if (selection === undefined) fail(session, 'An entity is not selected.')
  if (letters.has('i') && selection.instance === undefined) fail(session, 'No instance is selected.')
  const service = smf.repository.service(selection.service)?.groups ?? {}
  if (letters.has('s')) return service
  const direct = selectedGroups(session)
  return letters.has('i') || own(direct, 'start') ? direct : service
}

function split(name: string): [group: string, property: string | undefined] {
  const slash = name.indexOf('/')
  return slash < 0 ? [name, undefined] : [name.slice(0, slash), name.slice(slash + 1)]
}

function findGroup(session: Session, groups: Groups, name: string): PropertyGroup {
  if (!isName(name)) fail(session, `Invalid property group name "${name}".`)
  return own(groups, name) ?? fail(session, `No such property group "${name}".`)
}

function target(session: Session, groups: Groups, name: string) {
  const [groupName, property] = split(name)
  if (property === undefined) fail(session, "Property names must contain a `/'.")
  const group = findGroup(session, groups, groupName)
  if (!isName(property)) fail(session, `Invalid property name "${property}".`)
  return { group, groupName, property }
}

function checked(session: Session, type: PropertyType, text: string): string {
  return normalise(type, text) ?? fail(session, `Invalid "${type}" value "${text}".`)
}
