import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { newestOf, placeName, releaseOf, upstreamPlace, versionsOn } from '../../runner/upstream/place.ts'

const test = suite('upstream/place')

const source = (debian?: string) => ({
  url: 'https://example.com/x-1.tar.gz',
  ...(debian && { alternatives: [{ debian, file: 'x.orig.tar.gz' }] }),
})

test('is what the recipe says, else the Debian package of its newest version that has one', () => {
  const versions = {
    '1.9': { source: source('old') },
    '1.10': { source: source('new') },
    '2': { source: source() },
  }
  assert.equal(upstreamPlace({ upstream: undefined, versions }), { debian: 'new' })
  const said = { url: 'https://example.com/', versions: 'x' }
  assert.equal(upstreamPlace({ upstream: said, versions }), said)
  assert.is(upstreamPlace({ upstream: undefined, versions: { '1': { source: source() } } }), undefined)
  assert.is(
    upstreamPlace({ upstream: undefined, versions: { '1': { source: { git: 'x', revision: 'a' } } } }),
    undefined,
  )
})

for (const [version, release] of [
  ['1.6.18-1+deb12u1', '1.6.18'],
  ['2.1.12-stable-10', '2.1.12-stable'],
  ['1:10.11.18-0+deb12u1', '10.11.18'],
  ['2.4.0+dfsg1-3', '2.4.0'],
  ['1:1.3.dfsg+really1.3.1-1', '1.3.1'],
  ['3.0.20-1~deb12u2', '3.0.20'],
  ['4.0~rc1-1', undefined],
  ['20230101', '20230101'],
] as const) {
  test(`of Debian's ${version}: ${release}`, () => assert.is(releaseOf(version), release))
}

test('versions on a page are what the group matches, each once', () => {
  const page =
    '<a href="x-1.2.tar.gz">x-1.2.tar.gz</a> <a href="x-1.10.tar.gz">x-1.10.tar.gz</a> x-doc.tar.gz'
  assert.equal(versionsOn(page, 'x-([0-9.]+)\\.tar'), ['1.2', '1.10'])
  assert.equal(versionsOn(page, 'doc'), ['doc'])
  assert.equal(versionsOn('', 'x'), [])
})

test('the newest is the last in the order of versions, whatever order they come in', () => {
  assert.is(newestOf([]), undefined)
  const versions = ['0.9.7l', '0.9.7m', '0.9.8', '1.0', '1.9', '1.10']
  fc.assert(
    fc.property(fc.shuffledSubarray(versions, { minLength: versions.length }), (given) => {
      assert.is(newestOf(given), '1.10')
    }),
  )
})

test('has a name for people', () => {
  assert.is(placeName({ debian: 'x' }), 'Debian sid')
  assert.is(placeName({ debian: 'x', suite: 'trixie' }), 'Debian trixie')
  assert.is(placeName({ url: 'https://www.memcached.org/downloads', versions: '' }), 'www.memcached.org')
})

test.run()
