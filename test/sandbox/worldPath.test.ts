import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findProgram, resolveInWorld } from '../../runner/sandbox/worldPath.ts'

const paths = suite('sandbox: paths in the world')
let root: string

paths.before(() => {
  root = mkdtempSync(join(tmpdir(), 'world-'))
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  mkdirSync(join(root, 'etc/alternatives'), { recursive: true })
  writeFileSync(join(root, 'usr/bin/mawk'), '')
  symlinkSync('usr/bin', join(root, 'bin'))
  symlinkSync('/etc/alternatives/awk', join(root, 'usr/bin/awk'))
  symlinkSync('/usr/bin/mawk', join(root, 'etc/alternatives/awk'))
  symlinkSync('../../../../../etc', join(root, 'usr/up'))
  symlinkSync('loop', join(root, 'loop'))
})
paths.after(() => rmSync(root, { recursive: true }))

paths('follows links as the world sees them, and never out of it', () => {
  for (const [path, want] of [
    ['/bin/awk', '/usr/bin/mawk'],
    ['/usr/../bin/./mawk', '/usr/bin/mawk'],
    ['/usr/up/alternatives', '/etc/alternatives'],
    ['/../../etc', '/etc'],
    ['/', '/'],
    ['/no/such', undefined],
    ['/loop', undefined],
  ] as const) {
    assert.is(resolveInWorld(root, path), want, path)
  }
})

paths('finds a program as a shell would', () => {
  assert.is(findProgram(root, 'awk', '/sbin:/bin:/usr/bin'), '/bin/awk')
  assert.is(findProgram(root, '/bin/awk', ''), '/bin/awk')
  assert.is(findProgram(root, '/bin/none', ''), undefined)
  assert.is(findProgram(root, 'none', '/bin'), undefined)
})

paths.run()
