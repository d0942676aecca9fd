/**
 * The three-way merge of a re-import: what the last import left, what is there now, what the manifest says.
 * Local changes survive; where the manifest changed the same property too, the local value stays and a
 * conflict is reported. Pure: returns new groups.
 * Read in illumos: svccfg/svccfg_libscf.c (upgrade_props, upgrade_pg), svccfg_internal.c (prop_equal, pg_equal).
 */
import type { BundleGroup, BundleGroups, BundleProperty } from './manifest/bundle.ts'
import { type Groups, own, type Property, type PropertyGroup } from './repository.ts'

export interface Merge {
  groups: Groups
  /** Complete lines for standard error. */
  conflicts: string[]
  /** What was done, for -v. */
  actions: string[]
}

/** fmri names the service or instance in messages. last is undefined when it was never imported. */
export function merge(fmri: string, last: Groups | undefined, current: Groups, next: BundleGroups): Merge {
  const result: Merge = { groups: { ...current }, conflicts: [], actions: [] }
  for (const name of new Set([...Object.keys(next), ...Object.keys(last ?? {})])) {
    const group = own(next, name)
    const before = own(last ?? {}, name)
    if (name === 'manifestfiles') addProperties(result.groups, name, group)
    else if (!group) removeGroup(fmri, name, before, result)
    else if (group.delete) deleteGroup(fmri, name, result)
    else mergeGroup(fmri, name, before, group, result)
  }
  return result
}

function addProperties(groups: Groups, name: string, group: BundleGroup | undefined): void {
  if (!group) return
  groups[name] = {
    ...plain(group),
    properties: { ...own(groups, name)?.properties, ...plain(group).properties },
  }
}

function deleteGroup(fmri: string, name: string, result: Merge): void {
  if (!own(result.groups, name)) return
  delete result.groups[name]
  result.actions.push(`${fmri}: Deleting property group "${name}".`)
}

function mergeGroup(
  fmri: string,
  name: string,
  last: PropertyGroup | undefined,
  next: BundleGroup,
  result: Merge,
): void {
  const current = own(result.groups, name)
  if (!current) {
    if (!last) result.groups[name] = plain(next)
    else if (!same(last, plain(next)))
      result.conflicts.push(`Conflict upgrading ${fmri} (property group ${name} is missing)`)
    return
  }
  const merged: PropertyGroup = { ...current, type: next.type, properties: { ...current.properties } }
  result.groups[name] = merged
  for (const property of new Set([...Object.keys(next.properties), ...Object.keys(last?.properties ?? {})])) {
    if (name === 'general' && (property === 'enabled' || property === 'restarter')) {
      // An administrator's decision once the instance exists; only a property that is not there yet is set.
      const value = own(next.properties, property)
      if (value && !own(current.properties, property) && property === 'enabled')
        merged.properties[property] = plainProperty(value)
      continue
    }
    mergeProperty(fmri, name, property, last, next, merged, result)
  }
}

function mergeProperty(
  fmri: string,
  groupName: string,
  name: string,
  last: PropertyGroup | undefined,
  next: BundleGroup,
  merged: PropertyGroup,
  result: Merge,
): void {
  const before = own(last?.properties ?? {}, name)
  const wanted = own(next.properties, name)
  const now = own(merged.properties, name)
  const label = `${groupName}/${name}`
  if (!wanted) {
    if (now && before && same(now, before)) {
      delete merged.properties[name]
      result.actions.push(`${fmri}: Deleting property "${label}".`)
    } else if (now && before) result.conflicts.push(differs(fmri, label))
    return
  }
  const value = plainProperty(wanted)
  if (now && same(now, value)) return
  const upgrade = () => {
    merged.properties[name] = value
    result.actions.push(`${fmri}: Upgrading property "${label}".`)
  }
  if (!wanted.override && before && same(before, value)) return
  if (wanted.override || (before && now && same(before, now))) upgrade()
  else if (!before && !now) merged.properties[name] = value
  else if (now) result.conflicts.push(differs(fmri, label))
  else result.conflicts.push(`Conflict upgrading ${fmri} (property "${label}" is missing).`)
}

function removeGroup(fmri: string, name: string, last: PropertyGroup | undefined, result: Merge): void {
  const current = own(result.groups, name)
  if (!last || !current || name === 'general') return
  if (same(current, last)) {
    deleteGroup(fmri, name, result)
    return
  }
  const merged: PropertyGroup = { ...current, properties: { ...current.properties } }
  result.groups[name] = merged
  const empty: BundleGroup = { type: last.type, properties: {} }
  for (const property of Object.keys(last.properties))
    mergeProperty(fmri, name, property, last, empty, merged, result)
}

function differs(fmri: string, label: string): string {
  return `Conflict upgrading ${fmri} (property "${label}" has different values).`
}

export function same(a: Property | PropertyGroup, b: Property | PropertyGroup): boolean {
  return canonical(a) === canonical(b)
}

function canonical(thing: Property | PropertyGroup): string {
  if ('values' in thing) return JSON.stringify([thing.type, thing.values])
  const names = Object.keys(thing.properties).sort()
  return JSON.stringify([thing.type, names.map((n) => [n, canonical(thing.properties[n] as Property)])])
}

/** The groups as the repository keeps them: without the marks of a manifest. */
export function plain(group: BundleGroup): PropertyGroup {
  const properties = Object.entries(group.properties).map(([name, p]) => [name, plainProperty(p)])
  return { type: group.type, properties: Object.fromEntries(properties) }
}

function plainProperty({ type, values }: BundleProperty): Property {
  return { type, values: [...values] }
}

export function plainGroups(groups: BundleGroups): Groups {
  return Object.fromEntries(
    Object.entries(groups)
      .filter(([, group]) => !group.delete)
      .map(([name, group]) => [name, plain(group)]),
  )
}
