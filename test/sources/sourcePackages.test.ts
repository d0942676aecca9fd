import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chooseVersion, readSourcePackages } from '../../runner/sources/sourcePackages.ts'

const test = suite('sources/sourcePackages')
const a = 'a'.repeat(64)
const b = 'b'.repeat(64)

/** As `apt-cache showsrc` prints it. */
function paragraph(version: string, ...files: [string, string][]): string {
  const lines = files.map(([sha256, name]) => ` ${sha256} 795568 ${name}`)
  return [
    'Package: hello',
    'Binary: hello, hello-doc',
    `Version: ${version}`,
    'Checksums-Sha256:',
    ...lines,
    'Homepage: https://example.org/',
    'Package-List: ',
    ' hello deb web optional arch=any',
  ].join('\n')
}

const printed = `${[
  paragraph('1.0-1', [a, 'hello_1.0.orig.tar.gz'], [b, 'hello_1.0-1.dsc']),
  paragraph('1.0-2', [a, 'hello_1.0.orig.tar.gz']),
  paragraph('1:2.0-1', [b, 'hello_2.0.orig.tar.xz']),
].join('\n\n')}\n\n`
const packages = readSourcePackages(printed)

test('reads name, version and files', () => {
  assert.is(packages.length, 3)
  assert.equal(packages[2], {
    name: 'hello',
    version: '1:2.0-1',
    files: [{ name: 'hello_2.0.orig.tar.xz', sha256: b, size: 795568 }],
  })
  assert.equal(readSourcePackages(''), [])
})

test('the file’s name and checksum choose the version, the newest that has them first', () => {
  assert.equal(chooseVersion(packages, { file: 'hello_1.0.orig.tar.gz', sha256: a }), {
    candidates: [
      { name: 'hello', version: '1.0-2' },
      { name: 'hello', version: '1.0-1' },
    ],
  })
})

test('another checksum, no such file and no such package are told apart', () => {
  const wrong = chooseVersion(packages, { file: 'hello_2.0.orig.tar.xz', sha256: a })
  assert.equal(wrong, { reason: `expected sha256 ${a}, but hello 1:2.0-1 has it with ${b}`, received: b })
  const other = chooseVersion(packages, { file: 'hello_3.0.orig.tar.xz', sha256: a })
  assert.equal(other, { reason: 'only at 1.0-1, 1.0-2, 1:2.0-1 here, without that file' })
  assert.equal(chooseVersion([], { file: 'x', sha256: a }), {
    reason: 'there is no such source package here',
  })
})

test.run()
