import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sourceEntries } from '../../runner/sources/aptEntries.ts'

const test = suite('sources/aptEntries')

/** What becomes of one file's text on a bookworm machine. */
function entries(name: string, text: string, codename: string | undefined = 'bookworm'): string | undefined {
  return sourceEntries([{ name, text }], codename)[0]?.text
}

test('asks the same places for source packages', () => {
  assert.is(
    entries('main.list', 'deb http://m.example/debian bookworm main contrib\n'),
    'deb-src http://m.example/debian bookworm main contrib\n',
  )
  assert.is(
    entries(
      'd.sources',
      'Types: deb\nURIs: http://m.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n',
    ),
    'types: deb-src\nuris: http://m.example/debian\nsuites: bookworm bookworm-updates\ncomponents: main\n',
  )
})

test('keeps the key, in a line’s options, as a file and as a block', () => {
  assert.is(
    entries(
      'main.list',
      'deb [arch=amd64 signed-by=/k.gpg] https://m.example/d bookworm-security main # the fixes',
    ),
    'deb-src [arch=amd64 signed-by=/k.gpg] https://m.example/d bookworm-security main\n',
  )
  const block =
    'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----'
  const text = `Types: deb deb-src\nURIs: http://m.example/d\nSuites: bookworm\nComponents: main\n${block}\n`
  assert.match(
    entries('d.sources', text) ?? '',
    `${block.toLowerCase().slice(0, 10)}\n -----BEGIN PGP PUBLIC`,
  )
})

test('drops third parties, discs, disabled entries, comments and flat repositories', () => {
  for (const line of [
    'deb https://third.example/linux bookworm stable',
    'deb https://third.example/apt cloud-sdk-bookworm main',
    'deb https://third.example/node nodistro main',
    'deb https://third.example/pg bookworm-pgdg main',
    'deb https://third.example/flat ./',
    'deb cdrom:[Debian 12]/ bookworm main',
    'deb http://m.example/debian bookworm contrib',
    'deb http://m.example/debian trixie main',
    '# deb http://m.example/debian bookworm main',
  ])
    assert.is(entries('main.list', line), undefined, line)
  const head = 'Types: deb\nURIs: http://m.example/d\nComponents: main\n'
  for (const rest of ['Suites: nodistro', 'Suites: bookworm\nEnabled: no', '#Suites: bookworm'])
    assert.is(entries('d.sources', head + rest), undefined, rest)
})

test('of an entry with several suites or comments inside, keeps what is Debian’s', () => {
  const text =
    'Types: deb\nURIs: http://m.example/d\n# a note\nSuites: bookworm other\nComponents: main\n\n\nTypes: deb\nURIs: x\n'
  assert.is(
    entries('d.sources', text),
    'types: deb-src\nuris: http://m.example/d\nsuites: bookworm\ncomponents: main\n',
  )
})

test('names a place once, or apt complains', () => {
  const text = 'deb http://m.example/d bookworm main\ndeb-src http://m.example/d bookworm main\n'
  assert.is(entries('main.list', text), 'deb-src http://m.example/d bookworm main\n')
})

test('knows suites by age, other codenames, and machines that do not say theirs', () => {
  assert.ok(entries('main.list', 'deb http://m.example/d stable main', undefined))
  assert.ok(entries('main.list', 'deb http://m.example/d sid main'))
  assert.ok(entries('main.list', 'deb http://m.example/u noble-updates main universe', 'noble'))
  assert.ok(entries('main.list', 'deb http://m.example/d bookworm/updates main'))
})

test('asks for another release where it would ask for this machine’s own, without the pockets of either', () => {
  const other = (name: string, text: string) => sourceEntries([{ name, text }], 'bookworm', 'trixie')[0]?.text
  assert.is(
    other('main.list', 'deb [signed-by=/k.gpg] http://m.example/debian bookworm main\n'),
    'deb-src [signed-by=/k.gpg] http://m.example/debian trixie main\n',
  )
  assert.is(other('main.list', 'deb http://m.example/security bookworm-security main\n'), undefined)
  assert.is(
    other(
      'd.sources',
      'Types: deb\nURIs: http://m.example/d\nSuites: bookworm bookworm-updates\nComponents: main\n',
    ),
    'types: deb-src\nuris: http://m.example/d\nsuites: trixie\ncomponents: main\n',
  )
})

test.run()
