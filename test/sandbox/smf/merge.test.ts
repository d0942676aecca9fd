import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BundleGroups } from '../../../runner/sandbox/smf/manifest/bundle.ts'
import { merge } from '../../../runner/sandbox/smf/merge.ts'
import type { Groups } from '../../../runner/sandbox/smf/repository.ts'

/** Groups from { 'group/property': value }. */
function groups(properties: Record<string, string>): Groups {
  const result: Groups = {}
  for (const [name, value] of Object.entries(properties)) {
    const [group = '', property = ''] = name.split('/')
    result[group] ??= { type: 'application', properties: {} }
    result[group].properties[property] = { type: 'astring', values: [value] }
  }
  return result
}

const F = 'svc:/x:default'
const value = (g: Groups, group: string, property: string) => g[group]?.properties[property]?.values[0]

const merging = suite('re-import')

for (const [what, last, current, next, want, conflict] of [
  ['a property unchanged in the manifest keeps a local change', '1', 'mine', '1', 'mine', false],
  ['a changed property that nobody touched is upgraded', '1', '1', '2', '2', false],
  ['a changed property with a local change is kept, and reported', '1', 'mine', '2', 'mine', true],
  ['a local change to the same new value is no conflict', '1', '2', '2', '2', false],
] as const)
  merging(what, () => {
    const merged = merge(F, groups({ 'a/p': last }), groups({ 'a/p': current }), groups({ 'a/p': next }))
    assert.is(value(merged.groups, 'a', 'p'), want)
    const text = 'Conflict upgrading svc:/x:default (property "a/p" has different values).'
    assert.equal(merged.conflicts, conflict ? [text] : [])
  })

merging('override wins over a local change', () => {
  const next: BundleGroups = groups({ 'a/p': '2' })
  Object.assign(next.a?.properties.p ?? {}, { override: true })
  const merged = merge(F, groups({ 'a/p': '1' }), groups({ 'a/p': 'mine' }), next)
  assert.is(value(merged.groups, 'a', 'p'), '2')
  assert.equal(merged.groups.a?.properties.p, { type: 'astring', values: ['2'] })
})

merging('a removed property that nobody touched is deleted, a changed one stays and is reported', () => {
  const last = groups({ 'a/p': '1', 'a/q': '1', 'a/r': '1' })
  const merged = merge(F, last, groups({ 'a/p': '1', 'a/q': 'mine', 'a/r': '1' }), groups({ 'a/r': '1' }))
  assert.equal(Object.keys(merged.groups.a?.properties ?? {}), ['q', 'r'])
  assert.is(merged.conflicts.length, 1)
})

merging('a removed group is deleted when it is as imported', () => {
  const merged = merge(
    F,
    groups({ 'a/p': '1', 'b/p': '1' }),
    groups({ 'a/p': '1', 'b/p': '1' }),
    groups({ 'b/p': '1' }),
  )
  assert.equal(Object.keys(merged.groups), ['b'])
})

merging('groups that the administrator added stay', () => {
  const merged = merge(
    F,
    groups({ 'a/p': '1' }),
    groups({ 'a/p': '1', 'mine/p': '1' }),
    groups({ 'a/p': '1' }),
  )
  assert.equal(Object.keys(merged.groups), ['a', 'mine'])
})

merging('a group with delete vanishes whatever is in it', () => {
  const next: BundleGroups = { a: { type: 'application', properties: {}, delete: true } }
  assert.equal(merge(F, groups({ 'a/p': '1' }), groups({ 'a/p': 'mine' }), next).groups, {})
})

merging('enabled and restarter are never touched', () => {
  const last = groups({ 'general/enabled': 'false', 'general/restarter': 'a' })
  const current = groups({ 'general/enabled': 'false', 'general/restarter': 'a' })
  const next = groups({ 'general/enabled': 'true', 'general/restarter': 'b' })
  const merged = merge(F, last, current, next)
  assert.is(value(merged.groups, 'general', 'enabled'), 'false')
  assert.is(value(merged.groups, 'general', 'restarter'), 'a')
})

merging(
  'a property that was deleted locally is not brought back unchanged, and reported when changed',
  () => {
    const current: Groups = { a: { type: 'application', properties: {} } }
    assert.equal(merge(F, groups({ 'a/p': '1' }), current, groups({ 'a/p': '1' })).groups.a?.properties, {})
    const merged = merge(F, groups({ 'a/p': '1' }), current, groups({ 'a/p': '2' }))
    assert.equal(merged.conflicts, ['Conflict upgrading svc:/x:default (property "a/p" is missing).'])
  },
)

merging('the given groups are left as they are', () => {
  const current = groups({ 'a/p': '1' })
  const before = structuredClone(current)
  merge(F, groups({ 'a/p': '1' }), current, groups({ 'a/p': '2', 'b/q': '1' }))
  assert.equal(current, before)
})

merging.run()
