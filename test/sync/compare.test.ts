/** What sync decides: never to lose what another client put, whatever it finds. */
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CompareOptions, compare, type Known } from '../../runner/sync/compare.ts'
import type { Entry } from '../../runner/sync/entry.ts'
import { localFiles } from '../../runner/sync/localFiles.ts'
import type { ObjectRecord, ObjectSettings } from '../../runner/sync/record.ts'

const settings: ObjectSettings = { headers: {}, acl: undefined, expires: undefined, packed: false }
const entry = (key: string, more: Partial<Entry> = {}): Entry => ({
  ...{ key, path: `/r/${key}`, type: 'file', size: 1, mtime: 5, mode: 0o644, source: localFiles },
  ...more,
})
const record = (more: Partial<ObjectRecord> = {}): ObjectRecord => ({
  ...{ ...settings, type: 'file', size: 1, mtime: 5, mode: 0o644, sha256: 'x', by: 'me' },
  ...more,
})
const known = (more: Partial<ObjectRecord> = {}, base = false): Known => ({
  ...{ etag: 'e', stored: 1, base },
  record: record(more),
})
const options: CompareOptions = {
  ...{ me: 'me', remove: false, force: false },
  ...{ settingsOf: () => settings, mayRemove: () => true },
}
const decide = (here: Entry | undefined, there: Known | undefined, more: Partial<CompareOptions> = {}) => {
  const { actions, same, left } = compare(
    new Map(here ? [['k', here]] : []),
    new Map(there ? [['k', there]] : []),
    { ...options, ...more },
  )
  return actions[0]?.kind ?? (left ? 'left' : (same[0] ?? 'nothing'))
}

const test = suite('comparing')

const cases: [string, Entry | undefined, Known | undefined, Partial<CompareOptions>, string][] = [
  ['new', entry('k'), undefined, {}, 'put'],
  ['the same', entry('k'), known(), {}, 'k'],
  ['the same, put by another', entry('k'), known({ by: 'her' }), {}, 'k'],
  ['longer', entry('k', { size: 2 }), known(), {}, 'put'],
  ['longer, put by another', entry('k', { size: 2 }), known({ by: 'her' }), {}, 'refuse'],
  [
    'longer than what another put, and this one had then',
    entry('k', { size: 2 }),
    known({ by: 'her' }, true),
    {},
    'put',
  ],
  ['longer, put by another, forced', entry('k', { size: 2 }), known({ by: 'her' }), { force: true }, 'put'],
  ['a microsecond, as restored files differ', entry('k', { mtime: 6 }), known(), {}, 'k'],
  ['another time', entry('k', { mtime: 9 }), known(), {}, 'put'],
  ['another mode', entry('k', { mode: 0o600 }), known(), {}, 'update'],
  ['packed from now on', entry('k'), known({ packed: true }), {}, 'put'],
  ['gone, kept', undefined, known(), {}, 'nothing'],
  ['gone', undefined, known(), { remove: true }, 'remove'],
  ['gone, put by another', undefined, known({ by: 'her' }), { remove: true }, 'left'],
  ['gone, put by another, had here', undefined, known({ by: 'her' }, true), { remove: true }, 'remove'],
  ['gone, protected', undefined, known(), { remove: true, mayRemove: () => false }, 'nothing'],
]
for (const [name, here, there, more, expected] of cases) {
  test(name, () => assert.is(decide(here, there, more), expected))
}

test('an object without a record is replaced only by force, or with its own content', () => {
  const foreign: Known = { etag: 'e', stored: 1, base: false, record: undefined }
  assert.is(decide(entry('k', { size: 2 }), foreign), 'refuse')
  assert.is(decide(entry('k', { size: 2 }), foreign, { force: true }), 'put')
  const [action] = compare(new Map([['k', entry('k')]]), new Map([['k', foreign]]), options).actions
  assert.is(action?.kind === 'put' && action.alike?.refuse !== undefined, true)
})

test('every write is guarded by what was compared, and without force nothing of another client is lost', () => {
  const anyKnown = fc.record({
    etag: fc.constantFrom('1', '2'),
    stored: fc.integer({ min: 0, max: 2 }),
    base: fc.boolean(),
    record: fc.option(
      fc
        .record({
          by: fc.constantFrom('me', 'her'),
          size: fc.integer({ min: 0, max: 2 }),
          mtime: fc.integer({ min: 0, max: 9 }),
        })
        .map(record),
      { nil: undefined },
    ),
  })
  const anyEntry = fc.record({ size: fc.integer({ min: 0, max: 2 }), mtime: fc.integer({ min: 0, max: 9 }) })
  const keys = fc.constantFrom('a', 'b', 'c', 'd')
  const maps = fc.tuple(fc.array(fc.tuple(keys, anyEntry)), fc.array(fc.tuple(keys, anyKnown)))
  fc.assert(
    fc.property(maps, ([here, there]) => {
      const local = new Map(here.map(([key, more]) => [key, entry(key, more)]))
      const remote = new Map<string, Known>(there)
      const { actions, same } = compare(local, remote, { ...options, remove: true })
      for (const action of actions) {
        const key = 'key' in action ? action.key : action.entry.key
        const object = remote.get(key)
        const theirs = object !== undefined && !object.base && object.record?.by !== 'me'
        if (action.kind === 'put') assert.equal(action.guard, object ? { etag: object.etag } : 'absent')
        if (action.kind === 'put' && theirs)
          assert.ok(action.alike?.refuse, 'only when the content is the same')
        if (action.kind === 'remove') assert.not.ok(theirs)
      }
      const decided = actions.filter(({ kind }) => kind !== 'remove').length
      assert.is(decided + same.length, local.size)
    }),
  )
})

test.run()
