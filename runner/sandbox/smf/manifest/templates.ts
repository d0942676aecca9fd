/**
 * The templates that every service of svc.startd is held to: methods that must be there, and properties whose
 * words are counted. One line a fault, as svccfg prints it; `validate` fails on them, `import` warns.
 * Read in illumos: milestone/global.xml, milestone/restarter.xml, libscf's scf_tmpl.c, smf_template(7).
 */
import { formatFmri, RESTARTER } from '../fmri.ts'
import { compose, type Groups, own, type PropertyGroup } from '../repository.ts'
import type { PropertyType } from '../values.ts'
import type { Bundle } from './bundle.ts'

const GLOBAL = 'svc:/system/svc/global:default'

interface PropertyPattern {
  type: PropertyType
  required?: true
  single?: true
  /** The only values allowed. */
  words?: string[]
}

interface GroupPattern {
  source: string
  /** Without a name the pattern holds for every group of its type. */
  name?: string
  type: string
  required?: true
  properties: Record<string, PropertyPattern>
}

const text: PropertyPattern = { type: 'astring', single: true }
const flag: PropertyPattern = { type: 'boolean', single: true }

const context: Record<string, PropertyPattern> = {
  working_directory: text,
  project: text,
  resource_pool: text,
  user: text,
  group: text,
  supp_groups: text,
  privileges: text,
  limit_privileges: text,
  use_profile: flag,
  profile: text,
  environment: { type: 'astring' },
}

function method(name: string, required: boolean): GroupPattern {
  return {
    source: RESTARTER,
    name,
    type: 'method',
    ...(required ? { required: true as const } : {}),
    properties: {
      exec: { ...text, required: true },
      type: { ...text, required: true, words: ['method'] },
      timeout_seconds: { type: 'count', required: true, single: true },
      ...context,
    },
  }
}

const patterns: GroupPattern[] = [
  {
    source: GLOBAL,
    name: 'general',
    type: 'framework',
    required: true,
    properties: {
      enabled: { ...flag, required: true },
      restarter: { type: 'fmri', single: true },
      single_instance: flag,
    },
  },
  {
    source: GLOBAL,
    type: 'dependency',
    properties: {
      entities: { type: 'fmri', required: true },
      external: flag,
      grouping: {
        ...text,
        required: true,
        words: ['require_all', 'require_any', 'optional_all', 'exclude_all'],
      },
      restart_on: { ...text, required: true, words: ['none', 'error', 'restart', 'refresh'] },
      type: { ...text, required: true, words: ['service', 'path'] },
    },
  },
  { source: GLOBAL, name: 'method_context', type: 'framework', properties: context },
  {
    source: RESTARTER,
    name: 'startd',
    type: 'framework',
    properties: {
      duration: { ...text, words: ['contract', 'transient', 'child'] },
      ignore_error: text,
      need_session: flag,
      utmpx_prefix: text,
    },
  },
  method('start', true),
  method('stop', true),
  method('refresh', false),
]

/** Faults of every instance of the bundle; services without instances have nothing to be checked. */
export function templateFaults(bundle: Bundle): string[] {
  return bundle.services.flatMap((service) =>
    service.instances.flatMap((instance) => {
      const fmri = formatFmri({ service: service.name, instance: instance.name })
      return instanceFaults(fmri, compose(instance.groups, service.groups))
    }),
  )
}

/** Faults of one instance's composed groups. */
export function instanceFaults(fmri: string, groups: Groups): string[] {
  if (restarterOf(groups) !== RESTARTER) return []
  const faults: string[] = []
  for (const pattern of patterns) {
    const matching = Object.entries(groups).filter(([name, group]) =>
      pattern.name === undefined ? group.type === pattern.type : name === pattern.name,
    )
    if (pattern.required && matching.length === 0)
      faults.push(
        line('Required property group missing', [
          ['FMRI', fmri],
          ['Name of missing property group', pattern.name ?? ''],
          ['Type of missing property group', pattern.type],
          ...source(pattern),
        ]),
      )
    for (const [name, group] of matching) faults.push(...groupFaults(fmri, name, group, pattern))
  }
  return faults
}

function restarterOf(groups: Groups): string {
  return own(own(groups, 'general')?.properties ?? {}, 'restarter')?.values[0] ?? RESTARTER
}

function groupFaults(fmri: string, name: string, group: PropertyGroup, pattern: GroupPattern): string[] {
  if (group.type !== pattern.type)
    return [
      line('Property group has bad type', [
        ['FMRI', fmri],
        ['Property group', name],
        ['Specified type', pattern.type],
        ['Actual type', group.type],
        ...source(pattern),
      ]),
    ]
  return Object.entries(pattern.properties).flatMap(([property, rule]) =>
    propertyFaults({ fmri, name, group, pattern, property, rule }),
  )
}

function propertyFaults(at: {
  fmri: string
  name: string
  group: PropertyGroup
  pattern: GroupPattern
  property: string
  rule: PropertyPattern
}): string[] {
  const { fmri, name, group, pattern, property, rule } = at
  const where: Item[] = [
    ['FMRI', fmri],
    ['Property group', name],
  ]
  const template: Item[] = [
    ...source(pattern),
    ['prop_pattern name', property],
    ['prop_pattern type', rule.type],
  ]
  const named: Item[] = [...where, ['Property name', property]]
  const found = own(group.properties, property)
  if (!found)
    return rule.required
      ? [line('Required property missing', [...where, ['Name of missing property', property], ...template])]
      : []
  if (found.type !== rule.type)
    return [
      line('Property has bad type', [
        ...named,
        ['Specified property type', rule.type],
        ['Actual property type', found.type],
        ...template,
      ]),
    ]
  if (rule.single && found.values.length !== 1)
    return [
      line('Number of property values violates cardinality restriction', [
        ...named,
        ['Cardinality minimum', '1'],
        ['Cardinality maximum', '1'],
        ['Actual number of values', String(found.values.length)],
        ...template,
      ]),
    ]
  return found.values
    .filter((v) => rule.words && !rule.words.includes(v))
    .map((v) => line('Property has illegal value', [...named, ['Illegal value', v], ...template]))
}

type Item = [label: string, value: string]

function source(pattern: GroupPattern): Item[] {
  return [
    ['Template source', pattern.source],
    ['pg_pattern name', pattern.name ?? ''],
    ['pg_pattern type', pattern.type],
  ]
}

function line(message: string, items: Item[]): string {
  return `${message}: ${items.map(([label, value]) => `${label}="${value}"`).join('; ')}`
}
