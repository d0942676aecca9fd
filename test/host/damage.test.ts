/** What the probe finds of recorded files that are not as recorded: after real switches, under every shell. */

import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FileDamage } from '../../runner/probe/facts.ts'
import { parseProbe, probeCommand } from '../../runner/probe/probe.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { type Shell, shells } from './shells.ts'
import { SwitchWorld } from './switchWorld.ts'
import { file, folder, link } from './trees.ts'

const bourne = process.env.BUILD_STACK_BOURNE_SHELL
const all: Shell[] = [...shells, ...(bourne ? [{ name: 'Bourne', path: bourne } as Shell] : [])]

const TOOL = {
  bin: folder({ tool: file('#!/bin/sh\necho 1\n', 0o755), "it's $(a)": file('same size') }),
  lib: folder({ 'a b': folder({ one: file('1'), two: link('one') }), 'x.pyc': file('bytecode') }),
  var: folder({ state: file('of a program') }),
}

function damage(world: SwitchWorld, shell: Shell, options: object = {}): FileDamage[] {
  const path = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']
  const { stdin } = probeCommand({ prefix: world.prefix, work: join(world.folder, 'work'), path })
  const { stdout, stderr } = spawnSync(shell.path, ['-s'], {
    input: stdin,
    encoding: 'utf8',
    env: { PATH: '/usr/bin' },
    ...options,
  })
  assert.is(stderr, '')
  return parseProbe(stdout, 'box').damage
}

const test = suite('host/damage.sh')

for (const shell of all) {
  const own = (title: string, body: (world: SwitchWorld) => void) =>
    test(`${title} (${shell.name})`, () => {
      const world = new SwitchWorld()
      try {
        const [first] = shells as [Shell]
        world.put(first, TOOL)
        world.put(first, { svc: folder({ 'tool.xml': file('<x/>') }) }, 'tool.services')
        // A clock of whole seconds must not hide what follows.
        const before = new Date(Date.now() - 5000)
        for (const name of ['tool', 'tool.services'])
          utimesSync(join(world.receipts, `${name}.files`), before, before)
        for (const path of ['bin/tool', "bin/it's $(a)", 'lib/a b/one', 'svc/tool.xml', 'lib/x.pyc'])
          utimesSync(join(world.prefix, path), 0, 0)
        body(world)
      } finally {
        world.close()
      }
    })

  own('finds nothing where all is as installed, nor in what programs write', (world) => {
    assert.equal(damage(world, shell), [])
    writeFileSync(join(world.prefix, 'var/state'), 'something else')
    appendFileSync(join(world.prefix, 'lib/x.pyc'), 'x')
    utimesSync(join(world.prefix, 'bin/tool'), new Date(), new Date())
    writeFileSync(join(world.prefix, 'bin/foreign'), '')
    assert.equal(damage(world, shell), [])
  })

  own('names what is gone, and every way to be different', (world) => {
    const at = (path: string) => join(world.prefix, path)
    rmSync(at('svc/tool.xml'))
    chmodSync(at('bin/tool'), 0o644)
    writeFileSync(at("bin/it's $(a)"), 'SAME SIZE')
    appendFileSync(at('lib/a b/one'), '2')
    rmSync(at('lib/a b/two'))
    symlinkSync('eno', at('lib/a b/two'))
    assert.equal(damage(world, shell), [
      { component: 'tool', what: 'content', path: "bin/it's $(a)" },
      { component: 'tool', what: 'mode', path: 'bin/tool' },
      { component: 'tool', what: 'size', path: 'lib/a b/one' },
      { component: 'tool', what: 'target', path: 'lib/a b/two' },
      { component: 'tool.services', what: 'missing', path: 'svc/tool.xml' },
    ])
  })

  own('a folder in the place of a file, a link in that of a folder', (world) => {
    const at = (path: string) => join(world.prefix, path)
    rmSync(at('bin/tool'))
    mkdirSync(at('bin/tool'))
    writeFileSync(at('bin/tool/inside'), '')
    renameSync(at('lib/a b'), at('lib/moved'))
    symlinkSync('moved', at('lib/a b'))
    assert.equal(damage(world, shell), [
      { component: 'tool', what: 'type', path: 'bin/tool' },
      { component: 'tool', what: 'type', path: 'lib/a b' },
    ])
  })

  own('a configuration file that is gone, and not one that was edited', (world) => {
    const records = join(world.prefix, 'var/build-stack/config/tool')
    mkdirSync(records, { recursive: true })
    for (const name of ['here', 'gone', 'a link']) {
      writeFileSync(join(records, `${name}.path`), `${world.folder}/${name}\n`)
    }
    writeFileSync(join(world.folder, 'here'), 'edited')
    symlinkSync('nowhere', join(world.folder, 'a link'))
    assert.equal(damage(world, shell), [
      { component: 'tool', what: 'configuration', path: `${world.folder}/gone` },
    ])
  })

  own('a file that is the recipe’s configuration may be changed', (world) => {
    const target = `${world.prefix}/lib/a b/one`
    const record = receipt('tool', { prefix: world.prefix })
    record.inputs.files[target] = 'hash'
    writeFileSync(join(world.receipts, 'tool.json'), `${JSON.stringify(record)}\n`)
    appendFileSync(target, '2')
    assert.equal(damage(world, shell), [])
  })

  own('nothing is said of what a job or an interrupted switch is changing', (world) => {
    rmSync(join(world.prefix, 'bin/tool'))
    assert.is(damage(world, shell).length, 1)
    mkdirSync(join(world.journals, 'tool'), { recursive: true })
    writeFileSync(join(world.journals, 'tool/state'), 'switching\n')
    assert.equal(damage(world, shell), [])
  })
}

const withUser = process.getuid?.() === 0 ? test : test.skip
withUser('what a user may not look into is not known to be gone', () => {
  const world = new SwitchWorld()
  try {
    const [shell] = shells as [Shell]
    world.put(shell, { closed: folder({ a: file('a') }, 0o700), open: file('b') })
    chmodSync(world.prefix, 0o755)
    rmSync(join(world.prefix, 'open'))
    assert.equal(damage(world, shell, { uid: 65534, gid: 65534 }), [
      { component: 'tool', what: 'missing', path: 'open' },
    ])
    assert.ok(readFileSync(join(world.prefix, 'closed/a'), 'utf8'))
  } finally {
    world.close()
  }
})

test.run()
