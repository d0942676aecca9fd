/** What switch.sh does with files of nobody that are in the way, when it is told to. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Shell, shells } from './shells.ts'
import { SwitchWorld } from './switchWorld.ts'
import { file, folder, link, type Tree } from './trees.ts'

const test = suite('host/replaced.sh')

const version1: Tree = {
  bin: folder({ tool: file('new\n', 0o755), same: file('same\n'), link: link('tool') }),
  etc: folder({ other: file('1') }),
}
const without: Tree = { etc: folder({ other: file('2') }) }
const foreign: Tree = {
  bin: folder({ tool: file("an administrator's\n", 0o700), same: file('same\n', 0o600), link: link('tool') }),
}
const identical: Tree = { bin: folder({ same: file('same\n', 0o600), link: link('tool') }) }

function each(title: string, before: Tree, body: (world: SwitchWorld, shell: Shell) => void): void {
  for (const shell of shells) {
    test(`${title} (${shell.name})`, () => {
      const world = new SwitchWorld(before)
      try {
        body(world, shell)
      } finally {
        world.close()
      }
    })
  }
}

function install(world: SwitchWorld, shell: Shell, tree: Tree, conflicts: string) {
  return world.run(shell, ['install', world.stage(tree), world.prefix, 'tool', conflicts])
}

const aside = (world: SwitchWorld, path = '') => join(world.prefix, 'var/build-stack/replaced/tool', path)

each(
  'adopt takes over what is the same, whatever its mode, and undo gives it back',
  identical,
  (world, shell) => {
    assert.is(install(world, shell, version1, 'adopt').code, 0)
    world.mustRun(shell, ['undo', world.prefix, 'tool'])
    assert.equal(world.tree, identical)
    assert.is(install(world, shell, version1, 'adopt').code, 0)
    world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
    assert.equal(world.tree, version1)
    assert.match(world.recorded(), /bin\/same/)
  },
)

each('adopt refuses what differs, and names only that', foreign, (world, shell) => {
  const { code, stderr } = install(world, shell, version1, 'adopt')
  assert.is(code, 1)
  assert.match(stderr, /bin\/tool is there and belongs to nobody/)
  assert.not.match(stderr, /bin\/same/)
  assert.equal(world.tree, foreign)
})

each('overwrite keeps the old ones aside, and they come back with a removal', foreign, (world, shell) => {
  const { code, stdout } = install(world, shell, version1, 'overwrite')
  assert.is(code, 0)
  assert.match(stdout, /bin\/tool is replaced; the old one is kept as .*replaced\/tool\/bin\/tool/)
  world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
  assert.equal(world.tree, version1)
  assert.is(readFileSync(aside(world, 'bin/tool'), 'utf8'), "an administrator's\n")
  world.mustRun(shell, ['remove', world.prefix, 'tool'])
  world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
  // What was the same had been taken over for good.
  assert.equal(world.tree, { bin: folder({ tool: file("an administrator's\n", 0o700) }) })
  assert.not.ok(existsSync(aside(world)))
})

each(
  'an overwritten file comes back on the way to a version that lacks it, and goes again by undo',
  foreign,
  (world, shell) => {
    assert.is(install(world, shell, version1, 'overwrite').code, 0)
    world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
    assert.is(world.install(shell, without).code, 0)
    world.mustRun(shell, ['undo', world.prefix, 'tool'])
    assert.equal(world.tree, version1)
    assert.ok(existsSync(aside(world, 'bin/tool')))
    world.put(shell, without)
    assert.equal(world.tree, { bin: folder({ tool: file("an administrator's\n", 0o700) }), ...without })
    assert.not.match(world.recorded(), /bin\/tool/)
    assert.not.ok(existsSync(aside(world)))
  },
)

each('undo of an overwriting switch leaves nothing aside', foreign, (world, shell) => {
  assert.is(install(world, shell, version1, 'overwrite').code, 0)
  world.mustRun(shell, ['undo', world.prefix, 'tool'])
  assert.equal(world.tree, foreign)
  assert.not.ok(existsSync(aside(world)))
})

each("another recipe's file is never replaced", {}, (world, shell) => {
  world.put(shell, { bin: folder({ tool: file('its own') }) }, 'other')
  const { code, stderr } = install(world, shell, version1, 'overwrite')
  assert.is(code, 1)
  assert.match(stderr, /bin\/tool is there and belongs to other/)
  assert.equal(world.tree, { bin: folder({ tool: file('its own') }) })
})

each('a file outside the prefix, behind a link, is never replaced', {}, (world, shell) => {
  const outside = world.stage({ other: file('outside') })
  const before: Tree = { etc: link(outside) }
  const inner = new SwitchWorld(before)
  try {
    const { code, stderr } = install(inner, shell, { etc: folder({ other: file('1') }) }, 'overwrite')
    assert.is(code, 1)
    assert.match(stderr, /etc\/other is there and belongs to nobody/)
    assert.is(readFileSync(join(outside, 'other'), 'utf8'), 'outside')
  } finally {
    inner.close()
  }
})

test.run()
