/** What is said of a package in the store: whoever has not the key cannot say anything that is believed. */
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageName } from '../../runner/packages/package.ts'
import { entryText, type PackageEntry, readEntry } from '../../runner/store/packageEntry.ts'
import { build, info } from './sampleInfo.ts'

const test = suite('entries of the store')
const entry: PackageEntry = { sha256: 'ab'.repeat(32), size: 3000, info }
const name = packageName(build)
const reason = (read: PackageEntry | { reason: string }) => ('reason' in read ? read.reason : undefined)
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown

for (const key of [undefined, 'of the team']) {
  test(`what is written is read${key ? ', with a key' : ''}`, () => {
    assert.equal(plain(readEntry(name, entryText(name, entry, key), key)), plain(entry))
  })
}

for (const [title, text, key, why] of [
  ['no JSON', '{"sha256', undefined, 'its entry is damaged'],
  ['JSON of something else', '[1]', undefined, 'its entry is damaged'],
  ['nothing', 'null', undefined, 'its entry is damaged'],
  ['a later format', '{"format":2}', undefined, 'format 2; this build-stack knows format 1'],
  ['without a mark', entryText(name, entry, undefined), 'k', 'nobody with the key of this store put it'],
  [
    'with the mark of another key',
    entryText(name, entry, 'j'),
    'k',
    'nobody with the key of this store put it',
  ],
  [
    'of another package',
    entryText(name, { ...entry, info: other() }, undefined),
    undefined,
    'it is another package',
  ],
] as const) {
  test(`refused: ${title}`, () => assert.is(reason(readEntry(name, text, key)), why))
}

test('refused: a marked entry under another name', () => {
  assert.ok(reason(readEntry('tool-2.0-abc', entryText(name, entry, 'k'), 'k')))
})

test('refused with a key: whatever was changed of what counts', () => {
  const text = entryText(name, entry, 'k')
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom('0', '1', 'a', 'z', '}', ' '), (at, letter) => {
      const read = readEntry(name, text.slice(0, at) + letter + text.slice(at + 1), 'k')
      if (!('reason' in read)) assert.equal(plain(read), plain(entry))
    }),
  )
})

function other(): PackageEntry['info'] {
  return { ...info, build: { ...build, fingerprint: 'another' } }
}
test.run()
