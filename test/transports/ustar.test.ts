import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { ustarEnd, ustarHeader, ustarMemberSize, ustarPadding } from '../../runner/transports/ustar.ts'

const now = new Date()
const header = (path: string, size = 0) => ustarHeader({ path, mode: 0o644, size }, now)
const isConfig = (e: unknown) => e instanceof BuildStackError && e.code === 'CONFIG'

const ustar = suite('ustar')

ustar('is plain ustar: magic, version, regular file, no extension', () => {
  const block = header('patches/01-fix.patch', 1234)
  assert.is(block.length, 512)
  assert.is(block.toString('latin1', 257, 265), 'ustar\u000000')
  assert.is(block.toString('latin1', 156, 157), '0')
  assert.is(Number.parseInt(block.toString('latin1', 124, 136), 8), 1234)
})

for (const path of ['/etc/passwd', '../x', 'a/../../x', 'a/..', '.', './a', 'a//b', '', 'a/', 'a\0b']) {
  ustar(`refuses ${JSON.stringify(path)}`, () => assert.throws(() => header(path), isConfig))
}

ustar('refuses what does not fit', () => {
  assert.throws(() => header('n'.repeat(101)), isConfig)
  assert.throws(() => header(`${'d'.repeat(156)}/n`), isConfig)
  assert.throws(() => header(`${'d/'.repeat(128)}n`), isConfig)
  assert.throws(() => header('big', 8 * 1024 ** 3), isConfig)
})

ustar('takes names up to the limits', () => {
  header('n'.repeat(100))
  header(`${'d'.repeat(155)}/${'n'.repeat(100)}`)
  header(`${'é'.repeat(60)}/é`)
  header('big', 8 * 1024 ** 3 - 1)
})

ustar('property: tar lists every accepted name as it was given', () => {
  const part = fc
    .stringMatching(/^[A-Za-z0-9_.+-]{1,60}$/)
    .filter((p) => p !== '.' && p !== '..' && p[0] !== '-')
  const paths = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/'))
  void fc.assert(
    fc.property(fc.array(paths, { minLength: 1, maxLength: 20 }), (names) => {
      const accepted = names.flatMap((name) => {
        try {
          return [{ name, block: header(name) }]
        } catch (error) {
          assert.ok(isConfig(error) && name.length > 100)
          return []
        }
      })
      const archive = Buffer.concat([...accepted.map((a) => a.block), ustarEnd(512 * accepted.length)])
      const listed = execFileSync('tar', ['tf', '-'], { input: archive }).toString()
      assert.equal(
        listed
          .split('\n')
          .filter(Boolean)
          .map((name) => name.replace(/^\.\//, '')),
        accepted.map((a) => a.name),
      )
    }),
    { numRuns: 30 },
  )
})

ustar('pads to whole blocks', () => {
  for (const [size, padding] of [
    [0, 0],
    [1, 511],
    [511, 1],
    [512, 0],
    [513, 511],
  ] as const) {
    assert.is(ustarPadding(size).length, padding)
  }
})

ustar('ends with two empty blocks at least, at the end of a whole record', () => {
  for (const members of [0, 512, 9 * 1024, 9.5 * 1024, 10 * 1024, 123 * 512]) {
    const end = ustarEnd(members)
    assert.ok(end.length >= 1024 && end.every((byte) => byte === 0))
    assert.is((members + end.length) % 10240, 0)
  }
  assert.equal([0, 1, 512, 513].map(ustarMemberSize), [512, 1024, 1024, 1536])
})

ustar('modes and contents arrive', () => {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-ustar-'))
  try {
    const content = Buffer.from('#!/bin/sh\n')
    const block = ustarHeader({ path: 'bin/run', mode: 0o755, size: content.length }, now)
    const input = Buffer.concat([block, content, ustarPadding(content.length), ustarEnd(1024)])
    execFileSync('tar', ['xof', '-'], { cwd: folder, input })
    assert.is(
      execFileSync('sh', ['-c', 'test -x bin/run && cat bin/run'], { cwd: folder }).toString(),
      '#!/bin/sh\n',
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

ustar.run()
