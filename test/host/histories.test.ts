/** Laws of what happens to a prefix over time: the real scripts, one after the other, on generated recipes, trees and histories. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runScript, type Shell, shells } from './shells.ts'
import { SwitchWorld } from './switchWorld.ts'
import { file, folder, link, merged, type Node, type Tree } from './trees.ts'

const test = suite('histories of a prefix')
const RUNS = Number(process.env.BUILD_STACK_RUNS ?? 8)

const aShell = fc.constantFrom(...shells)
const name = fc.constantFrom('a', 'b', "c's $(d)", 'e e')
const { tree: aTree } = fc.letrec<{ node: Node; tree: Tree }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .record({ content: fc.constantFrom('1', '2', ''), mode: fc.constantFrom(0o644, 0o755, 0o444) })
      .map(({ content, mode }) => file(content, mode)),
    fc.constant(link('nowhere/else')),
    tie('tree').map((children) => folder(children)),
  ),
  tree: fc.dictionary(name, tie('node'), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
}))

/** Trees of two recipes never meet but in folders of their own and a shared one. */
const ofRecipe = (recipe: string) =>
  aTree.map((tree): Tree => ({ [recipe]: folder(tree), share: folder({ [recipe]: file(recipe) }) }))
const recipes = ['one', 'two', 'three']
const aStep = fc
  .constantFrom(...recipes)
  .chain((recipe) => fc.option(ofRecipe(recipe), { freq: 4 }).map((tree) => ({ recipe, tree })))

/** A prefix with packages, as a job changes it. */
class Host extends SwitchWorld {
  readonly shell: Shell

  constructor(shell: Shell, foreign: Tree = {}) {
    super(foreign)
    this.shell = shell
  }

  script(script: string, words: string[]): void {
    const { code, stderr } = runScript(this.shell, script, words, { cwd: this.folder })
    assert.is(code, 0, `${this.shell.name}: ${script} ${words.join(' ')}: ${stderr}`)
  }

  /** Packs, installs, records and keeps, as a build does. */
  upgrade(recipe: string, tree: Tree, version: string): void {
    const stage = this.stage(tree)
    this.script('pack.sh', [stage])
    writeFileSync(
      join(this.folder, 'package.dated'),
      `{"format":1,"recipe":"${recipe}","version":"${version}"}\n`,
    )
    this.change(recipe, stage, version)
    this.script('store.sh', ['add', this.prefix, recipe, `${recipe}-${version}`, '9'])
  }

  rollback(recipe: string, version: string): void {
    const stage = join(this.folder, 'unpacked')
    this.script('store.sh', ['unpack', this.prefix, `${recipe}-${version}`, stage])
    this.change(recipe, stage, version)
  }

  remove(recipe: string): void {
    this.mustRun(this.shell, ['remove', this.prefix, recipe])
    this.mustRun(this.shell, ['commit', this.prefix, '', recipe])
    this.script('forget.sh', [this.prefix, recipe])
  }

  change(recipe: string, stage: string, version: string): void {
    this.mustRun(this.shell, ['install', stage, this.prefix, recipe])
    this.mustRun(this.shell, ['commit', this.prefix, this.receipt(`{"version":"${version}"}\n`), recipe])
  }

  get records(): Record<string, string> {
    const names = existsSync(this.receipts) ? readdirSync(this.receipts).sort() : []
    return Object.fromEntries(names.map((one) => [one, readFileSync(join(this.receipts, one), 'utf8')]))
  }
}

function on(shell: Shell, foreign: Tree, body: (host: Host) => void): void {
  const host = new Host(shell, foreign)
  try {
    body(host)
  } finally {
    host.close()
  }
}

/** Keys in the order of names, as a tree is read. */
function sorted(tree: Tree): Tree {
  const entries = Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    entries.map(([key, node]) => [
      key,
      node.kind === 'folder' ? { ...node, children: sorted(node.children) } : node,
    ]),
  )
}

test('after any history the prefix is what was there and what is installed; removing all leaves what was there', () => {
  fc.assert(
    fc.property(aShell, fc.array(aStep, { minLength: 1, maxLength: 5 }), (shell, steps) => {
      const foreign: Tree = { share: folder({ mine: file('mine') }), etc: folder({}) }
      on(shell, foreign, (host) => {
        const installed = new Map<string, Tree>()
        for (const [index, { recipe, tree }] of steps.entries()) {
          if (tree) {
            host.upgrade(recipe, tree, `${index}`)
            installed.set(recipe, tree)
          } else if (installed.delete(recipe)) host.remove(recipe)
          const all = [...installed.values()].reduce((sum, one) => merged(sum, one) as Tree, foreign)
          assert.equal(host.tree, sorted(all))
        }
        for (const recipe of installed.keys()) host.remove(recipe)
        assert.equal(host.tree, sorted(foreign))
        assert.equal(host.records, {})
      })
    }),
    { numRuns: RUNS },
  )
})

test('an upgrade and a rollback give the same names, modes, contents and records', () => {
  fc.assert(
    fc.property(aShell, ofRecipe('one'), ofRecipe('one'), ofRecipe('two'), (shell, v1, v2, other) => {
      on(shell, {}, (host) => {
        host.upgrade('two', other, '1')
        host.upgrade('one', v1, '1')
        const before = [host.tree, host.records]
        host.upgrade('one', v2, '2')
        host.rollback('one', '1')
        assert.equal([host.tree, host.records], before)
      })
    }),
    { numRuns: RUNS },
  )
})

test('changes of recipes that do not need each other come to the same in any order', () => {
  fc.assert(
    fc.property(
      aShell,
      fc.record({ one: ofRecipe('one'), two: ofRecipe('two'), three: ofRecipe('three') }),
      fc.record({ one: ofRecipe('one'), two: ofRecipe('two'), three: ofRecipe('three') }),
      fc.shuffledSubarray(recipes, { minLength: 3 }),
      (shell, before, after, order) => {
        const states = [recipes, order].map((names) => {
          let state: unknown
          on(shell, {}, (host) => {
            for (const recipe of recipes) host.upgrade(recipe, before[recipe as 'one'], '1')
            for (const recipe of names) host.upgrade(recipe, after[recipe as 'one'], '2')
            state = [host.tree, host.records]
          })
          return state
        })
        assert.equal(states[0], states[1])
      },
    ),
    { numRuns: Math.ceil(RUNS / 2) },
  )
})

test('configuration files leave no folders behind, and none that others use is taken', () => {
  const aPath = fc.array(fc.constantFrom('etc', 'conf.d', 'x y'), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(
      aShell,
      fc.uniqueArray(aPath, { minLength: 1, maxLength: 3, selector: (path) => path.join('/') }),
      fc.boolean(),
      (shell, paths, used) => {
        on(shell, { etc: folder({}) }, (host) => {
          const texts = join(host.folder, 'files')
          mkdirSync(texts)
          const words = paths.map((path, index) => {
            const text = join(texts, `${index}`)
            writeFileSync(text, 'text\n')
            const target = join(host.prefix, ...path, 'tool.conf')
            const pristine = join(host.prefix, 'var/build-stack/config/tool', encodeURIComponent(target))
            return [text, target, '644', '', '', pristine]
          })
          for (const word of words) host.script('config-file.sh', ['install', ...word])
          for (const word of [...words].reverse()) host.script('config-file.sh', ['undo', ...word])
          assert.equal(host.tree, { etc: folder({}) })
          for (const word of words) host.script('config-file.sh', ['install', ...word])
          const neighbour = join(host.prefix, ...(paths[0] as string[]), 'neighbour')
          if (used) writeFileSync(neighbour, '')
          host.script('forget.sh', [host.prefix, 'tool'])
          assert.is(existsSync(neighbour), used)
          rmSync(neighbour, { force: true })
          if (!used) assert.equal(host.tree, { etc: folder({}) })
        })
      },
    ),
    { numRuns: RUNS },
  )
})

test.run()
