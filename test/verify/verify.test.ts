/** verify.sh and the findings made of its answer: real trees, installed by the real switch.sh, under each of the shells. */
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../runner/paths.ts'
import { findProgram, shells } from '../host/shells.ts'
import { SwitchWorld } from '../host/switchWorld.ts'
import { file, folder, link, type Tree } from '../host/trees.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { ask, factsWith, found } from './look.ts'

const tree: Tree = {
  bin: folder({ tool: file('#!/bin/sh\n', 0o755), 'tool2 -> x': link('tool') }),
  lib: folder({ 'a b\\c': file('odd name'), naïve: file('é'), sub: folder({ deep: file('deep\n') }) }),
  logs: folder({}),
}
const facts = factsWith([receipt('tool')])

for (const shell of shells) {
  const test = suite(`verify under ${shell.name}`)
  const inWorld = (name: string, body: (world: SwitchWorld) => void) =>
    test(name, () => {
      const world = new SwitchWorld()
      try {
        world.put(shell, tree)
        body(world)
      } finally {
        world.close()
      }
    })

  inWorld('finds nothing in what was just installed', (world) => {
    const { lists } = ask(shell, world.prefix, facts)
    assert.equal(lists.get('tool')?.bad, 0)
    assert.ok((lists.get('tool')?.lines ?? 0) >= 5)
    assert.equal(found(shell, world.prefix, facts), [])
    assert.equal(found(shell, world.prefix, facts, { quick: true }), [])
  })

  inWorld('leaves nothing behind', (world) => {
    const before = world.tree
    ask(shell, world.prefix, facts)
    assert.equal(world.tree, before)
    assert.not(spawnSync('ls', ['/tmp'], { encoding: 'utf8' }).stdout.includes('build-stack-look.'))
  })

  inWorld('names what is missing and how a file changed', ({ prefix }) => {
    unlinkSync(join(prefix, 'lib/sub/deep'))
    writeFileSync(join(prefix, 'lib/a b\\c'), 'odd nbme')
    appendFileSync(join(prefix, 'lib/naïve'), 'more')
    chmodSync(join(prefix, 'bin/tool'), 0o4711)
    assert.equal(found(shell, prefix, facts), [
      'missing lib/sub/deep: is not there',
      'changed bin/tool: mode 755 -> 4711',
      'changed lib/a b\\c: content (same size)',
      'changed lib/naïve: content (2 -> 6 bytes)',
    ])
    assert.equal(
      found(shell, prefix, facts, { quick: true }).filter((line) => line.includes('a b')),
      [],
      'quick does not read contents',
    )
  })

  inWorld('names another type and another target', ({ prefix }) => {
    unlinkSync(join(prefix, 'bin/tool'))
    mkdirSync(join(prefix, 'bin/tool'))
    unlinkSync(join(prefix, 'bin/tool2 -> x'))
    symlinkSync('../lib', join(prefix, 'bin/tool2 -> x'))
    unlinkSync(join(prefix, 'lib/naïve'))
    symlinkSync('elsewhere', join(prefix, 'lib/naïve'))
    assert.equal(found(shell, prefix, facts), [
      'changed bin/tool: a file, now a folder',
      'changed bin/tool2 -> x: link to tool -> ../lib',
      'changed lib/naïve: a file, now a link to elsewhere',
    ])
  })

  inWorld('a folder that was moved away and made a link is one fault', ({ prefix, folder }) => {
    renameSync(join(prefix, 'lib'), join(folder, 'lib'))
    symlinkSync(join(folder, 'lib'), join(prefix, 'lib'))
    assert.equal(found(shell, prefix, facts), [
      `changed lib: a folder, now a link to ${folder}/lib; 4 files below it not checked`,
    ])
  })

  inWorld('a folder with another mode', ({ prefix }) => {
    chmodSync(join(prefix, 'lib/sub'), 0o700)
    assert.equal(found(shell, prefix, facts), ['changed lib/sub: mode 755 -> 700'])
  })

  inWorld('foreign files, a folder of them as one; what programs write is no fault', ({ prefix }) => {
    writeFileSync(join(prefix, 'bin/stranger'), '')
    for (const path of ['share/other/deep', 'var/db', 'lib/__pycache__', 'var/build-stack/packages'])
      mkdirSync(join(prefix, path), { recursive: true })
    for (const path of [
      'share/a',
      'share/other/deep/b',
      'var/db/x',
      'logs/1',
      'logs/2',
      'lib/__pycache__/m.pyc',
    ])
      writeFileSync(join(prefix, path), '')
    writeFileSync(join(prefix, 'var/build-stack/packages/x'), '')
    assert.equal(found(shell, prefix, facts), [
      'foreign bin/stranger: belongs to no recipe',
      'foreign share: 2 files that belong to no recipe',
      'written 4 files that programs wrote, in lib/__pycache__, logs, var',
    ])
    assert.equal(found(shell, prefix, facts, { foreign: false }), [])
    assert.equal(
      found(shell, prefix, facts, { known: [`${prefix}/share/other`] })[1],
      'foreign share/a: belongs to no recipe',
    )
  })

  inWorld('configuration files: changed, missing, pending', (world) => {
    const { prefix } = world
    const pristine = join(prefix, 'var/build-stack/config/tool')
    const place = (name: string, text: string | undefined, before: string) => {
      mkdirSync(join(prefix, 'etc'), { recursive: true })
      mkdirSync(pristine, { recursive: true })
      const path = join(prefix, 'etc', name)
      if (text !== undefined) writeFileSync(path, text)
      writeFileSync(join(pristine, encodeURIComponent(path)), before)
      return path
    }
    const files = [
      place('same', 'x', 'x'),
      place("it's changed", 'mine', 'x'),
      place('gone', undefined, 'x'),
      place('pending', 'mine', 'x'),
    ]
    writeFileSync(join(prefix, 'etc/pending.new'), 'new')
    const inputs = { build: {}, files: Object.fromEntries(files.map((path) => [path, 'hash'])), services: {} }
    assert.equal(
      found(shell, prefix, factsWith([receipt('tool', { inputs })])).map((line) =>
        line.replace(`${prefix}/`, ''),
      ),
      [
        'missing etc/gone: the configuration file is not there',
        "configuration etc/it's changed: changed by an administrator",
        'configuration etc/pending: changed by an administrator',
        'pending etc/pending.new: waits to be merged',
      ],
    )
  })

  inWorld('records: a list that is gone, damaged, or of nobody', (world) => {
    appendFileSync(join(world.receipts, 'tool.files'), 'f -rw\nrubbish\n')
    writeFileSync(join(world.receipts, 'ghost.files'), '')
    assert.equal(
      found(shell, world.prefix, factsWith([receipt('tool'), receipt('bare')])).filter((line) =>
        line.startsWith('list'),
      ),
      [
        'list var/build-stack/receipts/bare.files: its list of files is missing',
        'list var/build-stack/receipts/ghost.files: a list of files without a receipt',
        'list var/build-stack/receipts/tool.files: its list of files has 2 damaged lines',
      ],
    )
  })

  inWorld('a prefix without records', ({ prefix }) => {
    rmSync(join(prefix, 'var'), { recursive: true })
    assert.equal(found(shell, prefix, factsWith([])), [])
    rmSync(prefix, { recursive: true })
    assert.equal(found(shell, prefix, factsWith([])), [])
  })

  inWorld('reads what openssl prints', ({ prefix }) => {
    const other = { ...facts, tools: { openssl: '/usr/bin/openssl' } }
    assert.equal(found(shell, prefix, other), [])
    writeFileSync(join(prefix, 'lib/a b\\c'), 'odd nbme')
    assert.equal(found(shell, prefix, other), ['changed lib/a b\\c: content (same size)'])
  })

  inWorld('reads what digest prints', ({ prefix, folder: first }) => {
    const program = join(packageRoot, 'runner/sandbox/commands/digest.sh')
    writeFileSync(join(first, 'digest'), `#!/bin/sh\nexec /bin/sh '${program}' "$@"\n`, { mode: 0o755 })
    const other = { ...facts, tools: { digest: '/usr/bin/digest' } }
    assert.equal(found(shell, prefix, other, { first }), [])
    writeFileSync(join(prefix, 'lib/a b\\c'), 'odd nbme')
    assert.equal(found(shell, prefix, other, { first }), ['changed lib/a b\\c: content (same size)'])
  })

  if (findProgram('gcc') && findProgram('readelf')) {
    test('a library that changed its name under a program', () => {
      const world = new SwitchWorld()
      try {
        const { folder: work } = world
        const compile = (words: string[], text: string) => {
          writeFileSync(join(work, 'x.c'), text)
          const { status, stderr } = spawnSync('gcc', [join(work, 'x.c'), ...words], { encoding: 'utf8' })
          assert.is(status, 0, stderr)
        }
        const stage = world.stage({ bin: folder({}), lib: folder({}) })
        compile(
          ['-shared', '-fPIC', '-Wl,-soname,libf.so.1', '-o', join(stage, 'lib/libf.so.1')],
          'int f(void) { return 1; }\n',
        )
        compile(
          ['-o', join(stage, 'bin/user'), join(stage, 'lib/libf.so.1'), `-Wl,-R${world.prefix}/lib`],
          'int f(void); int main(void) { return f(); }\n',
        )
        world.mustRun(shell, ['install', stage, world.prefix, 'tool'])
        world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
        assert.equal(found(shell, world.prefix, facts), [])
        renameSync(join(world.prefix, 'lib/libf.so.1'), join(world.prefix, 'lib/libf.so.2'))
        const lines = found(shell, world.prefix, facts)
        assert.is(lines[0], 'missing lib/libf.so.1: is not there')
        assert.match(lines[1] ?? '', /^library bin\/user: needs libf\.so\.1, which is neither/)
      } finally {
        world.close()
      }
    })
  }

  test.run()
}
