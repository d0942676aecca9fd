import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandLine, exports, quote } from '../runner/shell.ts'
import { shells } from './host/shells.ts'

const test = suite('shell')

/** Anything but NUL, which no word can have. */
const word = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom("'", '"', '\\', '\n', '$(touch x)', '`x`', '!', '~', '-n', '', ' '),
  )
  .map((text) => text.replaceAll('\0', ''))

test('words arrive as they are, under every shell', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      for (const { name, path } of shells) {
        const line = commandLine(['printf', '%s\\0', 'x', ...words])
        const { stdout } = spawnSync(path, ['-c', line])
        assert.is(stdout.toString('utf8'), ['x', ...words, ''].join('\0'), name)
      }
    }),
    { numRuns: 30 },
  )
})

test('variables arrive as they are, under every shell', () => {
  fc.assert(
    fc.property(word, (value) => {
      for (const { name, path } of shells) {
        const { stdout } = spawnSync(path, ['-s'], {
          input: `${exports({ VALUE: value, B: 'b' })}printenv VALUE B\n`,
        })
        assert.is(stdout.toString('utf8'), `${value}\nb\n`, name)
      }
    }),
    { numRuns: 30 },
  )
})

test('leaves plain words readable', () => {
  assert.is(
    commandLine(['./configure', '--prefix=/opt/local', 'CFLAGS=-O2', "it's"]),
    "./configure --prefix=/opt/local CFLAGS=-O2 'it'\\''s'",
  )
  assert.is(quote(''), "''")
})

test('a program whose name looks like an assignment is a program', () => {
  assert.is(commandLine(['A=b', 'x']), "'A=b' x")
  assert.is(commandLine(["A='", 'x']), "'A='\\''' x")
  assert.is(commandLine([]), '')
})

test.run()
