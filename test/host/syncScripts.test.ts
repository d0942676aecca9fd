/** sync-list.sh and sync-read.sh: what a host says of its files, whatever their names. */
import { chmodSync, symlinkSync, utimesSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'
import { quote } from '../../runner/shell.ts'
import { asText, parseFile, parseListing } from '../../runner/sync/hostListing.ts'
import { withoutRoot } from '../unless.ts'
import { ScriptFolder } from './scriptTest.ts'
import { runIn, type Shell, shells } from './shells.ts'

const test = suite('files of a host')
const NAMES = [
  'plain',
  "it's  $HOME `x`",
  'a -> b',
  '-n',
  '*?[',
  'tab\there',
  'back\\slash',
  'ümläut ☃',
  '+%20"',
  ' ',
]

/** As the program does it: assignments and the script on standard input. */
function fed(shell: Shell, script: string, values: Record<string, string>, uid?: number): string {
  const assignments = Object.entries(values).map(([name, value]) => `${name}=${quote(value)}\n`)
  const input = `${assignments.join('')}. ${quote(hostScript(script))}\n`
  const options = { env: { BUILD_STACK_SHELL: shell.path }, input, ...(uid === undefined ? {} : { uid }) }
  const { code, stdout, stderr } = runIn(undefined, shell, ['-s'], options)
  assert.is(code, 0, stderr)
  return stdout
}

const list = (shell: Shell, root: string, uid?: number) =>
  parseListing(Buffer.from(fed(shell, 'sync-list.sh', { root }, uid)))
const read = (shell: Shell, file: string, skip = '0', count = '16') =>
  fed(shell, 'sync-read.sh', { file, skip, count })

for (const shell of shells) {
  const inFolder = (title: string, body: (folder: ScriptFolder) => void) =>
    test(`${title} (${shell.name})`, () => {
      const folder = new ScriptFolder('sync-list.sh', shell)
      try {
        body(folder)
      } finally {
        folder.close()
      }
    })

  inFolder('names, sizes, times, modes and links come as they are', (folder) => {
    for (const name of NAMES) folder.write(`d/${name}`, name, 0o640)
    folder.write('old', '12345', 0o4755)
    utimesSync(folder.in('old'), 1_000_000_000.25, 1_000_000_000.25)
    symlinkSync('nowhere -> x', folder.in('d/a link -> y'))
    const found = list(shell, folder.path)
    assert.is(found?.code, 0)
    const files = new Map(found?.files.map((file) => [asText(file.path), file]))
    for (const name of NAMES) {
      const file = files.get(`./d/${name}`)
      assert.equal([file?.type, file?.size, file?.mode], ['file', Buffer.byteLength(name), 0o640], name)
    }
    const old = files.get('./old')
    assert.equal([old?.mode, old?.mtime, old?.size], [0o4755, 1_000_000_000_250_000, 5])
    const link = files.get('./d/a link -> y')
    assert.equal([link?.type, link?.target, link?.size], ['link', 'nowhere -> x', 12])
    assert.is(files.get('./d')?.type, 'folder')
    assert.is(files.get('.')?.type, 'folder')
  })

  inFolder('a line break in a name is told, and says nothing of other files', (folder) => {
    const line = '-rw-r--r-- 1 0 0 5 2026-01-01 00:00:00.000000000 +0000 .'
    folder.write(`x\n${line}/evil`, '1')
    folder.write('good', '2')
    const found = list(shell, folder.path)
    assert.equal(
      found?.files.map(({ path }) => path),
      ['.', './good'],
    )
    assert.equal(found?.odd, [`./x?${line}`])
  })

  inFolder('a part of a file, between what the file was and what it is', (folder) => {
    const content = Buffer.alloc(3 * 1024 * 1024 + 5, 'abc\n')
    const path = folder.write("it's", content)
    const [first = '', ...rest] = read(shell, path, '2', '1').split('\n')
    assert.is(parseFile(first)?.size, content.length)
    assert.is(rest.slice(0, -2).join('\n'), content.subarray(2 * 1024 * 1024, 3 * 1024 * 1024).toString())
    assert.is(rest.at(-2), first)
    assert.is(
      read(shell, path, '3', '16').split('\n').slice(1, -2).join('\n'),
      content.subarray(-5).toString(),
    )
    assert.equal(read(shell, path, '0', '0').split('\n').length, 4)
  })

  inFolder('what is no folder, or no file', (folder) => {
    folder.write('file', '1')
    symlinkSync('file', folder.in('link'))
    assert.is(list(shell, folder.in('file')), undefined)
    assert.is(list(shell, folder.in('nothing')), undefined)
    for (const name of ['nothing', 'link', '.']) assert.is(read(shell, folder.in(name)), 'none\n')
  })

  if (withoutRoot === undefined)
    inFolder('a folder that may not be looked into', (folder) => {
      folder.write('open/x', '1')
      folder.write('shut/x', '1')
      chmodSync(folder.path, 0o755)
      chmodSync(folder.in('shut'), 0o700)
      const found = list(shell, folder.path, 65534)
      assert.equal(found?.closed, ['./shut'])
      assert.not.ok(found?.files.some(({ path }) => path.startsWith('./shut/')))
    })
}

test('a list without its end is none', () => {
  assert.throws(() => parseListing(Buffer.from('')), /no end/)
  assert.throws(
    () => parseListing(Buffer.from('drwxr-xr-x 2 0 0 60 2026-01-01 00:00:00 +0000 .\n')),
    /no end/,
  )
  assert.throws(() => parseListing(Buffer.from('ls: what?\nend\t0\n')), /ls printed/)
})

const LINES: [string, string, unknown][] = [
  [
    'Solaris, with an ACL',
    '-rw-r-----+  1 100      100          12 2007-11-21 10:22:33.123456789 +0100 ./x',
    [12, 1_195_636_953_123_456, 0o640, 'file'],
  ],
  [
    'busybox',
    '-rwsr-xr-t    1 0        0                5 2007-11-21 10:22:33 +0000 ./x',
    [5, 1_195_640_553_000_000, 0o5755, 'file'],
  ],
  [
    'a device',
    'crw-rw-rw-   1 0        0          1,   3 2007-11-21 10:22:33.000000000 +0000 ./x',
    [0, 1_195_640_553_000_000, 0o666, 'other'],
  ],
]
for (const [title, line, want] of LINES) {
  test(`ls: ${title}`, () => {
    const file = parseFile(line)
    assert.equal([file?.size, file?.mtime, file?.mode, file?.type], want as never)
  })
}
test.run()
