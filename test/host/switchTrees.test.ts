/** Laws of switch.sh, on random trees that are made to get in each other's way. */
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Shell, shells } from './shells.ts'
import { SwitchWorld } from './switchWorld.ts'
import { file, folder, link, merged, type Node, type Tree } from './trees.ts'

const test = suite('host/switch.sh on any trees')

const name = fc.constantFrom('a', 'b', "c's $(d)")
const aFile = fc.record({
  content: fc.constantFrom('1', '2', ''),
  mode: fc.constantFrom(0o644, 0o755, 0o4755, 0o444),
})
const aMode = fc.constantFrom(0o755, 0o700, 0o2775)

/** Trees of files, folders and links to `targets`. */
function trees(targets: string[]): fc.Arbitrary<Tree> {
  const { tree } = fc.letrec<{ node: Node; tree: Tree }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      aFile.map(({ content, mode }) => file(content, mode)),
      fc.constantFrom(...targets).map(link),
      fc.record({ children: tie('tree'), mode: aMode }).map(({ children, mode }) => folder(children, mode)),
    ),
    tree: fc.dictionary(name, tie('node'), { maxKeys: 3, noNullPrototype: true }),
  }))
  return tree
}

const anyTree = trees(['a', 'b', '../a', 'a/b', '.', 'nowhere'])
/** What was there before: a link through which a folder is reached would be the administrator's wish, and another tree. */
const foreignTree = trees(['nowhere/else'])
const aShell = fc.constantFrom(...shells)

function sorted(tree: Tree): Tree {
  return Object.fromEntries(
    Object.keys(tree)
      .sort()
      .map((key) => {
        const node = tree[key] as Node
        return [key, node.kind === 'folder' ? { ...node, children: sorted(node.children) } : node]
      }),
  )
}

/** The tree after an install, which must be refused just when something is in the way. */
function installed(world: SwitchWorld, shell: Shell, foreign: Tree, tree: Tree): boolean {
  const before = world.tree
  const expected = merged(foreign, tree)
  const { code, stderr } = world.install(shell, tree)
  assert.is(code, expected ? 0 : 1, stderr)
  if (expected) assert.is(stderr, '')
  assert.equal(world.tree, expected ? sorted(expected) : before)
  return expected !== undefined
}

test('install is the union, undo the way back, commit the way on, removal leaves what was there', () => {
  fc.assert(
    fc.property(aShell, foreignTree, anyTree, anyTree, (shell, foreign, v1, v2) => {
      const world = new SwitchWorld(foreign)
      try {
        if (installed(world, shell, foreign, v1)) world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
        const afterFirst = world.tree
        if (installed(world, shell, foreign, v2)) {
          world.mustRun(shell, ['undo', world.prefix, 'tool'])
          assert.equal(world.tree, afterFirst)
          world.put(shell, v2)
        }
        world.mustRun(shell, ['remove', world.prefix, 'tool'])
        assert.equal(world.tree, sorted(foreign))
        world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
        assert.equal(world.tree, sorted(foreign))
      } finally {
        world.close()
      }
    }),
    { numRuns: Number(process.env.BUILD_STACK_RUNS ?? 25) },
  )
})

test.run()
