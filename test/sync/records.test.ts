/** What is written down of objects: metadata, the cache, keys and paths come back as they were. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CANNED_ACLS } from '../../runner/s3/objectStore.ts'
import { readCache, writeCache } from '../../runner/sync/cacheFile.ts'
import { keyOf, pathOf } from '../../runner/sync/keys.ts'
import { metadataOf, type ObjectRecord, recordOf } from '../../runner/sync/record.ts'
import { type RestorePlace, restorePlan, versionsAt } from '../../runner/sync/restorePlan.ts'
import { expiryOf, settingsOf } from '../../runner/sync/rules.ts'

const test = suite('records of objects')

const words = fc.string({ minLength: 1, maxLength: 20 })
const anyRecord: fc.Arbitrary<ObjectRecord> = fc.record(
  {
    type: fc.constantFrom('file' as const, 'link' as const, 'folder' as const),
    size: fc.integer({ min: 0, max: 5 * 1024 ** 4 }),
    mtime: fc.integer({ min: -1e15, max: 5e15 }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    by: words,
    headers: fc.record(
      {
        contentType: words,
        contentEncoding: fc.constant(undefined),
        cacheControl: fc.option(words, { nil: undefined }),
      },
      { noNullPrototype: true },
    ),
    acl: fc.option(fc.constantFrom(...CANNED_ACLS), { nil: undefined }),
    expires: fc.option(fc.constantFrom('30d', '2031-01-31'), { nil: undefined }),
    packed: fc.boolean(),
  },
  { noNullPrototype: true },
)

test('metadata', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      assert.equal(recordOf({ metadata: metadataOf(record), headers: record.headers }), record)
    }),
  )
  assert.is(metadataOf({ mtime: -1, size: 0, mode: 0 } as ObjectRecord).mtime, '-1.999999')
})

test('metadata of others, or edited, is no record', () => {
  const good = metadataOf(fc.sample(anyRecord, 1)[0] as ObjectRecord)
  for (const bad of [
    { type: 'disk' },
    { size: '-1' },
    { size: '1e3' },
    { mtime: 'now' },
    { mode: '999' },
    { sha256: '' },
  ])
    assert.is(recordOf({ metadata: { ...good, ...bad }, headers: {} }), undefined)
  assert.is(recordOf({ metadata: { mtime: '1.5' }, headers: {} }), undefined)
})

test('the cache', () => {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-cache-'))
  const path = join(folder, 'deep', 'cache')
  const of = { endpoint: undefined, bucket: 'b', prefix: '' }
  const object = fc.record({
    etag: words,
    stored: fc.nat(),
    modified: fc.nat(),
    base: fc.boolean(),
    record: fc.option(anyRecord, { nil: undefined }),
  })
  const anyCache = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), object)).map((list) => new Map(list))
  fc.assert(
    fc.property(anyCache, (objects) => {
      writeCache(path, of, { objects, bucketAcl: 'private' })
      const { cache } = readCache(path, of)
      // JSON leaves out what is undefined.
      const plain = (map: unknown) => JSON.parse(JSON.stringify([...(map as Map<string, unknown>)]))
      assert.equal(plain(cache?.objects), plain(objects))
    }),
    { numRuns: 50 },
  )
  rmSync(folder, { recursive: true })
})

test('a key is the path it was made of', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .map((text) => text.replace(/[/\0]/g, '_'))
  const path = fc
    .array(
      name.filter((text) => text !== '.' && text !== '..'),
      { minLength: 1, maxLength: 4 },
    )
    .map((names) => names.join('/'))
  fc.assert(
    fc.property(path, fc.boolean(), (one, folder) => {
      const naming = { prefix: 'p/', relativePaths: true }
      assert.equal(pathOf(keyOf(naming, { path: '/r' }, one, folder), 'p/'), { path: one, folder })
    }),
  )
  assert.is(keyOf({ prefix: '', relativePaths: false }, { path: '/home/alex' }, 'a', false), 'home/alex/a')
  assert.is(keyOf({ prefix: '', relativePaths: false }, { path: '' }, 'etc/a', false), 'etc/a')
})

test('no key leads out of the place that is restored to', () => {
  const piece = fc.constantFrom('..', '.', '', 'a', '/', '//', '\0', 'r', '../r', '…')
  const key = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('/'))
  const profile = { prefix: '', relativePaths: false, roots: [{ path: '/r' }] }
  fc.assert(
    fc.property(key, fc.constantFrom('/to', undefined), (one, to) => {
      const candidates = [{ key: one, etag: 'e', version: undefined }]
      const place = to === undefined ? to : { host: undefined, folder: to }
      for (const { base, path } of restorePlan(profile, candidates, { beginnings: [], to: place }).wanted) {
        const target = to ?? '/r'
        assert.not.ok(isAbsolute(path))
        assert.ok(resolve(base, path).startsWith(`${target}/`), `${one} -> ${base} ${path}`)
      }
    }),
    { numRuns: 2000 },
  )
})

test('where files go: back, to another host, below another folder', () => {
  const roots = [{ path: '/r' }, { host: 'box', path: '/srv' }, { host: 'box', path: '/srv/deep' }]
  const profile = { prefix: 'p/', relativePaths: false, roots }
  const candidates = ['p/r/a', 'p/box/srv/b', 'p/box/srv/deep/c', 'p/else/d', 'p/box/other/e'].map((key) => ({
    key,
    etag: 'e',
    version: undefined,
  }))
  const places = (to: RestorePlace | undefined) =>
    restorePlan(profile, candidates, { beginnings: [], to }).wanted.map(
      ({ host, base, path }) => `${host ?? ''}:${base}|${path}`,
    )
  assert.equal(places(undefined), [':/r|a', 'box:/srv|b', 'box:/srv/deep|c'])
  assert.equal(places({ host: 'new', folder: undefined }), ['new:/r|a', 'new:/srv|b', 'new:/srv/deep|c'])
  assert.equal(places({ host: 'new', folder: '/to' }).at(1), 'new:/to|box/srv/b')
  assert.is(places({ host: undefined, folder: '/to' }).length, 5)
})

test('of versions, the newest of that time', () => {
  const version = (key: string, second: number, removed = false) => ({
    ...{ key, etag: `${second}`, size: 1, removed, version: `v${second}` },
    modified: new Date(second * 1000),
  })
  const all = [version('a', 1), version('a', 3), version('b', 1), version('b', 2, true), version('c', 9)]
  const at = (second: number) => versionsAt(all, new Date(second * 1000)).map(({ key, etag }) => key + etag)
  assert.equal(at(0), [])
  assert.equal(at(1), ['a1', 'b1'])
  assert.equal(at(2), ['a1'])
  assert.equal(at(9), ['a3', 'c9'])
})

test('headers: of several rules the first that says it; types by ending; what is packed', () => {
  const rule = (match: RegExp, more: object) => ({ match, ...more })
  const rules = {
    headers: [rule(/\.x$/, { cacheControl: 'one' }), rule(/./, { cacheControl: 'two', expires: '12h' })],
    ...{ gzip: true, objectAcl: undefined },
  }
  const file = (path: string, size = 10) => settingsOf(rules, { path, type: 'file', size })
  assert.is(file('/a.x').headers.cacheControl, 'one')
  assert.is(file('/a.x').expires, '12h')
  assert.equal(file('/a.css').headers, {
    contentType: 'text/css',
    contentEncoding: 'gzip',
    cacheControl: 'two',
  })
  assert.is(file('/a.css', 100 * 1024 * 1024).packed, false, 'too large for the memory')
  assert.is(file('/a.css', 0).packed, false)
  assert.is(file('/a.png').packed, false)
  assert.is(settingsOf(rules, { path: '/a.css', type: 'link', size: 3 }).packed, false)
  assert.is(expiryOf('12h', new Date(0))?.getTime(), 12 * 3600 * 1000)
})

test.run()
