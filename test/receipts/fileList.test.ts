import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { differencesOf } from '../../runner/receipts/fileDifferences.ts'
import { octalMode, parseListLine } from '../../runner/receipts/fileList.ts'
import { parseHistory } from '../../runner/receipts/history.ts'

const SUM = 'ab'.repeat(32)
const OTHER = 'cd'.repeat(32)

const lines = suite('parseListLine')

for (const [line, wanted] of [
  [
    `f -rwxr-xr-x 120 ${SUM} bin/a b`,
    { type: 'file', mode: '-rwxr-xr-x', size: 120, sha256: SUM, path: 'bin/a b', target: undefined },
  ],
  [
    'l lrwxrwxrwx 9 - lib/x.so -> libx.so.1',
    { type: 'link', mode: 'lrwxrwxrwx', size: 9, sha256: undefined, path: 'lib/x.so', target: 'libx.so.1' },
  ],
  [
    'l lrwxrwxrwx 6 - a -> b -> c -> d',
    { type: 'link', mode: 'lrwxrwxrwx', size: 6, sha256: undefined, path: 'a -> b', target: 'c -> d' },
  ],
  [
    'l lrwxrwxrwx 3 - naïve -> é1',
    { type: 'link', mode: 'lrwxrwxrwx', size: 3, sha256: undefined, path: 'naïve', target: 'é1' },
  ],
  [
    'd 0755 - - lib',
    { type: 'folder', mode: '0755', size: undefined, sha256: undefined, path: 'lib', target: undefined },
  ],
  ['rubbish', undefined],
  ['f -rw-r--r-- 1', undefined],
] as const) {
  lines(line, () => assert.equal(parseListLine(line), wanted))
}

const modes = suite('octalMode')

for (const [mode, octal] of [
  ['-rwxr-xr-x', '755'],
  ['-rw-------', '600'],
  ['-rwsr-x--x', '4751'],
  ['-rwSr-sr-T', '7654'],
  ['drwxrwxrwt', '1777'],
  ['-rw-r--r--+', '644'],
  ['0755', '755'],
  ['4755', '4755'],
  ['odd', 'odd'],
] as const) {
  modes(mode, () => assert.is(octalMode(mode), octal))
}

const differences = suite('differencesOf')

function difference(one: string, other: string): string[] {
  const [was, is] = [parseListLine(one), parseListLine(other)]
  if (!was || !is) throw new Error('the test has a line that is none')
  return differencesOf(was, is)
}

for (const [name, one, other, wanted] of [
  ['none', `f -rw-r--r-- 1 ${SUM} x`, `f -rw-r--r-- 1 ${SUM} x`, []],
  ['SELinux’ dot is none', `f -rw-r--r-- 1 ${SUM} x`, `f -rw-r--r--. 1 ${SUM} x`, []],
  ['size', `f -rw-r--r-- 1 ${SUM} x`, `f -rw-r--r-- 2 ${OTHER} x`, ['content (1 -> 2 bytes)']],
  ['content', `f -rw-r--r-- 1 ${SUM} x`, `f -rw-r--r-- 1 ${OTHER} x`, ['content (same size)']],
  ['content that was not read', `f -rw-r--r-- 1 ${SUM} x`, 'f -rw-r--r-- 1 - x', []],
  ['mode', `f -rw-r--r-- 1 ${SUM} x`, `f -rwsr--r-- 1 ${SUM} x`, ['mode 644 -> 4744']],
  ['an access list', `f -rw-r--r-- 1 ${SUM} x`, `f -rw-r--r--+ 1 ${SUM} x`, ['an access list added']],
  ['a link’s mode is its system’s', 'l lrwxrwxrwx 1 - x -> y', 'l lrwxr-xr-x 1 - x -> y', []],
  ['target', 'l lrwxrwxrwx 1 - x -> y', 'l lrwxrwxrwx 1 - x -> z', ['link to y -> z']],
  ['a link', `f -rw-r--r-- 1 ${SUM} x`, 'l lrwxrwxrwx 1 - x -> z', ['a file, now a link to z']],
  ['a folder', `f -rw-r--r-- 1 ${SUM} x`, 'd 0755 - - x', ['a file, now a folder']],
  ['a pipe', `f -rw-r--r-- 0 ${SUM} x`, 'f prw-r--r-- 0 - x', ['a file, now a special file']],
  ['a folder’s mode', 'd 0755 - - x', 'd 0700 - - x', ['mode 755 -> 700']],
] as [string, string, string, string[]][]) {
  differences(name, () => assert.equal(difference(one, other), wanted))
}

const history = suite('parseHistory')

const ENTRY = {
  at: '2026-01-02T03:04:05Z',
  by: 'a@b',
  recipe: 'tiny',
  action: 'upgrade',
  job: 'j',
  result: 'done',
}

history('each line is a job, oldest first; what cannot be read is counted', () => {
  const text = [
    JSON.stringify({ ...ENTRY, from: '1.0', to: '2.0', seconds: 12, more: true }),
    '',
    '{"at":"2026-',
    'null',
    JSON.stringify({ at: ENTRY.at, recipe: 7, action: 'x', result: 'y' }),
    JSON.stringify({ ...ENTRY, action: 'remove', from: '2.0', result: 'failed' }),
  ].join('\n')
  assert.equal(parseHistory(text), {
    entries: [
      { ...ENTRY, from: '1.0', to: '2.0', run: undefined, seconds: 12 },
      {
        ...ENTRY,
        action: 'remove',
        from: '2.0',
        to: undefined,
        run: undefined,
        result: 'failed',
        seconds: undefined,
      },
    ],
    unreadable: 3,
  })
  assert.equal(parseHistory(''), { entries: [], unreadable: 0 })
})

lines.run()
modes.run()
differences.run()
history.run()
