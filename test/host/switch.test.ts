import { spawnSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { shells } from './shells.ts'
import { SwitchWorld } from './switchWorld.ts'
import { file, folder, link, type Tree, writeTree } from './trees.ts'

const test = suite<{ world: SwitchWorld }>('host/switch.sh')
test.before.each((context) => {
  context.world = new SwitchWorld()
})
test.after.each(({ world }) => world.close())

const v1: Tree = {
  bin: folder({ tool: file('one', 0o755), 'tool-1': link('tool') }),
  share: folder({ old: folder({ page: file('page') }), empty: folder({}, 0o750) }),
}
const v2: Tree = {
  bin: folder({ tool: file('two', 0o4755), 'tool-2': link('tool') }),
  share: folder({ new: file('n') }),
}

const OUR_OWN: Tree = {
  etc: folder({ mine: file('mine', 0o600) }),
  bin: folder({ other: file('other') }, 0o775),
}

for (const shell of shells) {
  const own = (title: string, body: (world: SwitchWorld) => void) =>
    test(`${title} (${shell.name})`, ({ world }) => body(world))

  own('prepares while the version before serves, and finds what is in the way then', (world) => {
    world.put(shell, v1)
    const before = world.tree
    world.mustRun(shell, ['prepare', world.stage(v2), world.prefix, 'tool'])
    assert.equal(world.tree, before)
    world.mustRun(shell, ['switch', world.prefix, 'tool'])
    world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
    assert.equal(world.tree, v2)
    const again = world.run(shell, ['switch', world.prefix, 'tool'])
    assert.is(again.code, 1)
    assert.match(again.stderr, /no switch of tool is prepared/)
    for (const verb of ['undo', 'recover']) {
      world.mustRun(shell, ['prepare', world.stage(v1), world.prefix, 'tool'])
      world.mustRun(shell, verb === 'undo' ? [verb, world.prefix, 'tool'] : [verb, world.prefix])
      assert.equal(world.tree, v2)
      assert.not(existsSync(join(world.journals, 'tool')))
      assert.is(world.run(shell, ['switch', world.prefix, 'tool']).code, 1)
    }
    writeTree(world.prefix, { lib: folder({ x: file('nobody’s') }) })
    const { code, stderr } = world.run(shell, [
      'prepare',
      world.stage({ lib: folder({ x: file('x') }) }),
      world.prefix,
      'tool',
    ])
    assert.is(code, 1)
    assert.match(stderr, /lib\/x is there and belongs to nobody/)
  })

  own('installs, upgrades, undoes and removes; what others have stays', () => {
    const world = new SwitchWorld(OUR_OWN)
    try {
      world.put(shell, v1)
      const afterFirst = world.tree
      assert.equal(afterFirst.etc, OUR_OWN.etc)
      assert.equal(afterFirst.share, v1.share)
      assert.equal(
        afterFirst.bin,
        folder({ other: file('other'), tool: file('one', 0o755), 'tool-1': link('tool') }, 0o775),
      )
      assert.is(world.install(shell, v2).code, 0)
      assert.equal(world.tree.share, folder({ new: file('n') }))
      world.mustRun(shell, ['undo', world.prefix, 'tool'])
      assert.equal(world.tree, afterFirst)
      world.put(shell, v2)
      assert.equal(
        world.tree.bin,
        folder({ other: file('other'), tool: file('two', 0o4755), 'tool-2': link('tool') }, 0o775),
      )
      world.mustRun(shell, ['remove', world.prefix, 'tool'])
      assert.equal(world.tree, OUR_OWN)
      world.mustRun(shell, ['undo', world.prefix, 'tool'])
      assert.equal(world.tree.share, v2.share)
      world.mustRun(shell, ['remove', world.prefix, 'tool'])
      world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
      assert.equal(world.tree, OUR_OWN)
      assert.equal(readdirSync(world.receipts), [])
      assert.equal(readdirSync(world.journals), [])
    } finally {
      world.close()
    }
  })

  own('writes the receipt with the commit, and both components or none', (world) => {
    world.put(shell, v1)
    const receipt = world.receipt('{"version":"2"}\n')
    assert.is(world.install(shell, v2).code, 0)
    const missing = world.run(shell, ['commit', world.prefix, receipt, 'tool.services', 'tool'])
    assert.is(missing.code, 1)
    assert.match(missing.stderr, /no switch of tool\.services to commit/)
    assert.not(existsSync(join(world.receipts, 'tool.json')))
    assert.is(world.install(shell, { svc: file('s') }, 'tool.services').code, 0)
    world.mustRun(shell, ['commit', world.prefix, receipt, 'tool.services', 'tool'])
    assert.is(readFileSync(join(world.receipts, 'tool.json'), 'utf8'), '{"version":"2"}\n')
    assert.not(existsSync(join(world.receipts, 'tool.services.json')))
    assert.match(world.recorded('tool.services'), /^f -rw-r--r-- 1 [0-9a-f]{64} svc\n$/)
    world.mustRun(shell, ['receipt', world.prefix, 'tool', world.receipt('{}\n')])
    assert.is(readFileSync(join(world.receipts, 'tool.json'), 'utf8'), '{}\n')
  })

  own('records type, mode, size, checksum and path', (world) => {
    world.put(shell, { ...v1, bin: folder({ tool: file('one', 0o4755), 'tool-1': link('tool') }) })
    // sha256 of "one" and "page", from another program.
    assert.is(
      world.recorded(),
      'f -rwsr-xr-x 3 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed bin/tool\n' +
        'l lrwxrwxrwx 4 - bin/tool-1 -> tool\n' +
        `f -rw-r--r-- 4 ${spawnSync('sh', ['-c', 'printf page | sha256sum'], { encoding: 'utf8' }).stdout.slice(0, 64)} share/old/page\n` +
        'd 0755 - - bin\nd 0755 - - share\nd 0750 - - share/empty\nd 0755 - - share/old\n',
    )
  })

  own('refuses to replace files of nobody and of another component, and names them', (world) => {
    world.put(shell, { bin: folder({ tool: file('theirs') }) }, 'theirs')
    mkdirSync(join(world.prefix, 'share'))
    writeFileSync(join(world.prefix, 'share/new'), 'mine')
    const before = world.tree
    const { code, stderr } = world.install(shell, v2)
    assert.is(code, 1)
    assert.match(stderr, 'bin/tool is there and belongs to theirs')
    assert.match(stderr, 'share/new is there and belongs to nobody')
    assert.match(stderr, 'would replace files that are not its own')
    assert.equal(world.tree, before)
    assert.equal(readdirSync(world.journals), [])
  })

  own(
    'refuses a file where others have a folder, and a folder where others have a file or a dangling link',
    (world) => {
      world.close()
      const foreign: Tree = {
        a: folder({ x: file('x') }),
        empty: folder({}),
        b: file('b'),
        c: link('nowhere'),
      }
      for (const [name, node] of Object.entries<Tree[string]>({
        a: file('f'),
        empty: file('f'),
        b: folder({}),
        c: folder({}),
      })) {
        const own = new SwitchWorld(foreign)
        try {
          const { code, stderr } = own.install(shell, { [name]: node })
          assert.is(code, 1, name)
          assert.match(stderr, /belongs to nobody/, name)
          assert.equal(own.tree, foreign, name)
        } finally {
          own.close()
        }
      }
    },
  )

  own('puts a file in the place of its own folder, the reverse, and links in the place of both', (world) => {
    const shapes: Tree[] = [
      { a: folder({ f: file('f') }), b: folder({ f: file('bf') }) },
      { a: file('now a file'), b: folder({ f: file('bf2') }) },
      { a: link('b'), b: folder({ f: file('bf3') }) },
      { a: folder({ f: file('f4') }), b: folder({ f: file('bf') }) },
      { a: link('nowhere'), b: link('.') },
      { a: link('elsewhere'), b: folder({ a: folder({}) }) },
    ]
    let before = world.tree
    for (const shape of shapes) {
      assert.is(world.install(shell, shape).code, 0)
      assert.equal(world.tree, shape)
      world.mustRun(shell, ['undo', world.prefix, 'tool'])
      assert.equal(world.tree, before)
      world.put(shell, shape)
      before = world.tree
    }
  })

  own('handles names with blanks, quotes, dashes, patterns and other scripts', (world) => {
    const names = [
      'a b',
      "it's",
      'say "x"',
      'back\\slash',
      '$(touch x)',
      '`id`',
      '-rf',
      '*',
      '[a]',
      'größe',
      ' lead',
      'end ',
      '~',
      '#',
      'a -> b',
      '(.',
      'x(.',
      '\ttab',
      '=',
      'a;b',
      '&',
    ]
    const tree: Tree = {}
    for (const name of names)
      tree[name] = folder({ [name]: file(name), l: link(name), [`${name} -> l`]: link('m -> n') })
    world.put(shell, tree)
    assert.equal(world.tree, sorted(tree))
    const lines = world.recorded().split('\n')
    for (const name of names) {
      const sum = spawnSync('sha256sum', { input: name, encoding: 'utf8' }).stdout.slice(0, 64)
      assert.ok(
        lines.some((line) => line.startsWith('f ') && line.endsWith(` ${sum} ${name}/${name}`)),
        name,
      )
    }
    assert.is(world.install(shell, { 'a b': folder({ "it's": file('2') }) }).code, 0)
    world.mustRun(shell, ['undo', world.prefix, 'tool'])
    assert.equal(world.tree, sorted(tree))
    world.mustRun(shell, ['remove', world.prefix, 'tool'])
    assert.equal(world.tree, {})
  })

  own('refuses a name that a list cannot hold', (world) => {
    const before = world.tree
    const { code, stderr } = world.install(shell, { 'a\nb': file('x') })
    assert.is(code, 1)
    assert.match(stderr, /line break/)
    assert.equal(world.tree, before)
    assert.equal(readdirSync(world.journals), [])
    const nothing = world.run(shell, ['install', join(world.folder, 'no-stage'), world.prefix, 'tool'])
    assert.is(nothing.code, 1)
    assert.match(nothing.stderr, /nothing was staged .* DESTDIR/)
  })

  own('keeps hard links, set-id bits, sticky bits and closed files and folders', (world) => {
    // Only root reads what nobody may read.
    const unreadable: Tree = process.getuid?.() === 0 ? { f: file('f', 0o000) } : {}
    const stage = world.stage({
      bin: folder({ a: file('a', 0o6755), locked: file('l', 0o400) }),
      spool: folder({ in: folder(unreadable, 0o555) }, 0o1777),
    })
    linkSync(join(stage, 'bin/a'), join(stage, 'bin/b'))
    world.mustRun(shell, ['install', stage, world.prefix, 'tool'])
    world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
    const mode = (path: string) => (statSync(join(world.prefix, path)).mode & 0o7777).toString(8)
    assert.equal(['bin/a', 'bin/locked', 'spool', 'spool/in'].map(mode), ['6755', '400', '1777', '555'])
    assert.is(statSync(join(world.prefix, 'bin/a')).ino, statSync(join(world.prefix, 'bin/b')).ino)
    world.mustRun(shell, ['remove', world.prefix, 'tool'])
    world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
    assert.equal(world.tree, {})
  })

  own('works in closed folders of its own without root’s rights', (world) => {
    const uid = process.getuid?.() === 0 ? 65534 : undefined
    const closed = (content: string): Tree => ({
      d: folder({ e: folder({ f: file(content, 0o444) }, 0o555) }, 0o555),
    })
    if (uid !== undefined) world.giveTo(uid)
    const as = uid === undefined ? {} : { uid }
    const run = (words: string[]) => world.mustRun(shell, words, as)
    run(['install', world.stage(closed('1')), world.prefix, 'tool'])
    run(['commit', world.prefix, '', 'tool'])
    assert.equal(world.tree, closed('1'))
    run(['install', world.stage(closed('2')), world.prefix, 'tool'])
    assert.equal(world.tree, closed('2'))
    run(['undo', world.prefix, 'tool'])
    assert.equal(world.tree, closed('1'))
    run(['remove', world.prefix, 'tool'])
    run(['commit', world.prefix, '', 'tool'])
    assert.equal(world.tree, {})
  })

  own('gives its own folders their new modes, and others’ none', (world) => {
    world.put(shell, { shared: folder({ a: file('a') }) }, 'first')
    world.put(shell, { shared: folder({ b: file('b') }, 0o700), own: folder({ c: file('c') }, 0o700) })
    assert.equal(world.tree, {
      own: folder({ c: file('c') }, 0o700),
      shared: folder({ a: file('a'), b: file('b') }),
    })
    assert.is(world.install(shell, { own: folder({ c: file('c') }, 0o755) }).code, 0)
    assert.equal(world.tree.own, folder({ c: file('c') }))
    world.mustRun(shell, ['undo', world.prefix, 'tool'])
    assert.equal(world.tree.own, folder({ c: file('c') }, 0o700))
    // Whichever of the two goes last takes the folder with it.
    for (const component of ['first', 'tool']) {
      world.mustRun(shell, ['remove', world.prefix, component])
      world.mustRun(shell, ['commit', world.prefix, '', component])
    }
    assert.equal(world.tree, {})
  })

  own('gives folders the set-group-ID bit that the stage has, whatever they would inherit', (world) => {
    writeTree(world.prefix, { shared: folder({}, 0o2775) })
    const children = { bit: folder({}, 0o2755), plain: folder({ deep: folder({}) }) }
    world.put(shell, { shared: folder(children) })
    assert.equal(world.tree, { shared: folder(children, 0o2775) })
  })

  own('leaves a folder that has somebody else’s file in it', (world) => {
    world.put(shell, v1)
    writeFileSync(join(world.prefix, 'share/old/mine'), 'mine')
    world.put(shell, v2)
    assert.equal(world.tree.share, folder({ new: file('n'), old: folder({ mine: file('mine') }) }))
  })

  own('does not take a folder for one of its files that somebody replaced by it', (world) => {
    world.put(shell, v1)
    rmSync(join(world.prefix, 'bin/tool-1'))
    mkdirSync(join(world.prefix, 'bin/tool-1'))
    writeFileSync(join(world.prefix, 'bin/tool-1/mine'), 'mine')
    world.put(shell, v2)
    assert.is(readFileSync(join(world.prefix, 'bin/tool-1/mine'), 'utf8'), 'mine')
  })

  own('installs what has only links, or nothing', (world) => {
    world.put(shell, { a: link('nowhere') })
    assert.equal(world.tree, { a: link('nowhere') })
    assert.is(world.recorded(), 'l lrwxrwxrwx 7 - a -> nowhere\n')
    world.put(shell, {})
    assert.equal(world.tree, {})
    world.mustRun(shell, ['undo', world.prefix, 'tool'])
    world.mustRun(shell, ['undo', world.prefix, 'never installed'])
    world.mustRun(shell, ['recover', world.prefix])
  })
}

function sorted(tree: Tree): Tree {
  return Object.fromEntries(
    Object.keys(tree)
      .sort()
      .map((name) => {
        const node = tree[name] as Tree[string]
        return [name, node.kind === 'folder' ? { ...node, children: sorted(node.children) } : node]
      }),
  )
}

test.run()
