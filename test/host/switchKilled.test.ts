/**
 * switch.sh killed at every command that changes something: before it, after it, or when it has done the first of its
 * files. What recover makes of it must be the old tree or the new one, whole, also when recover itself was killed.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findProgram, type Shell, shells } from './shells.ts'
import { SwitchWorld } from './switchWorld.ts'
import { file, folder, link, type Tree } from './trees.ts'

const test = suite('host/switch.sh killed')

const v1: Tree = {
  bin: folder({ tool: file('one', 0o755), gone: file('gone'), same: file('same') }),
  a: link('bin'),
  folder: folder({ f: file('f'), deep: folder({ g: file('g') }, 0o700) }),
  lib: folder({ 'a b': file('1'), x: link('a b') }),
}
/** Every kind of change: replaced, gone, new, link to folder, folder to file, link to link, other mode. */
const v2: Tree = {
  bin: folder({ tool: file('two', 0o4755), added: file('added'), same: file('same') }),
  a: folder({ tool: file('not through the link'), gone: file('x') }),
  folder: file('a file now'),
  lib: folder({ 'a b': file('2'), x: link('y') }, 0o750),
  new: folder({ n: folder({ n: file('n') }), empty: folder({}) }),
}

const HOW = ['before', 'half', 'after'] as const

/** Programs that count their calls and end the process group of whoever calls them for the time it says. */
class Killers {
  readonly folder = mkdtempSync(join(tmpdir(), 'build-stack-killers-'))
  readonly #count = join(this.folder, 'count')

  constructor() {
    mkdirSync(join(this.folder, 'bin'))
    // Those that are never two at once, so that the count is exact.
    for (const name of ['mv', 'ln', 'mkdir', 'rm', 'rmdir', 'chmod', 'cp']) {
      const path = join(this.folder, 'bin', name)
      writeFileSync(path, killer(findProgram(name) as string))
      chmodSync(path, 0o755)
    }
  }

  env(at: number, how: (typeof HOW)[number]): Record<string, string> {
    writeFileSync(this.#count, '0\n')
    return { PATH: `${this.folder}/bin:${process.env.PATH}`, COUNT: this.#count, AT: String(at), HOW: how }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** "half" does the first path of several ("mv -f ./a ./b TO"), or a prefix of a copy. */
function killer(program: string): string {
  return `#!/bin/sh
read -r count <"$COUNT"
count=$((count + 1))
echo $count >"$COUNT"
if [ $count -eq "$AT" ]; then
  case $HOW in
  after) ${program} "$@" ;;
  half)
    options=
    while :; do
      case $1 in
      -* | u+rwx | [0-7]*) options="$options $1"; shift ;;
      *) break ;;
      esac
    done
    for last in "$@"; do :; done
    case $1:$last in
    ./*:/*) ${program} $options "$1" "$last" ;;
    ./*) ${program} $options "$1" ;;
    esac
    ;;
  esac
  kill -9 0
fi
exec ${program} "$@"
`
}

interface Scenario {
  title: string
  /** Steps of it; killed in any. */
  run: (world: SwitchWorld, stage: string) => string[][]
  /** The tree that it makes of v1. */
  made: Tree
}

const scenarios: Scenario[] = [
  {
    title: 'an upgrade',
    run: (world, stage) => [
      ['prepare', stage, world.prefix, 'tool'],
      ['switch', world.prefix, 'tool'],
      ['commit', world.prefix, join(world.folder, 'receipt'), 'tool'],
    ],
    made: v2,
  },
  {
    title: 'a removal',
    run: (world) => [
      ['remove', world.prefix, 'tool'],
      ['commit', world.prefix, '', 'tool'],
    ],
    made: {},
  },
  {
    title: 'an undo',
    run: (world, stage) => [
      ['install', stage, world.prefix, 'tool'],
      ['undo', world.prefix, 'tool'],
    ],
    made: v1,
  },
]

/** BUILD_STACK_ALL_KILLS=1: every point in every way under every shell; else each point in one way under one shell. */
const all = process.env.BUILD_STACK_ALL_KILLS === '1'

for (const { title, run, made } of scenarios) {
  test(`${title} is whole or has not happened`, () => {
    const killers = new Killers()
    const model = new SwitchWorld()
    const [first] = shells as [Shell]
    model.put(first, v1)
    model.mustRun(first, ['receipt', model.prefix, 'tool', model.receipt('{"version":1}\n')])
    const old = { tree: model.tree, files: model.recorded() }
    try {
      let outcomes = 0
      for (let at = 1; ; at++) {
        const ways = all
          ? shells.flatMap((shell) => HOW.map((how) => ({ shell, how })))
          : [{ shell: shells[at % shells.length] as Shell, how: HOW[Math.floor(at / 4) % 3] as 'half' }]
        let killed = 0
        for (const { shell, how } of ways) {
          const world = new SwitchWorld()
          try {
            rmSync(world.prefix, { recursive: true })
            cpSync(model.prefix, world.prefix, {
              recursive: true,
              verbatimSymlinks: true,
              preserveTimestamps: true,
            })
            for (const path of ['lib', 'folder/deep'])
              chmodSync(join(world.prefix, path), path === 'lib' ? 0o755 : 0o700)
            world.receipt('{"version":2}\n')
            const steps = run(world, world.stage(v2))
            const env = killers.env(at, how)
            const ended = steps.every((words) => world.run(shell, words, { env, detached: true }).code === 0)
            if (ended) continue
            killed++
            // Recovering is killed as well, at some point, and then comes through.
            world.run(shell, ['recover', world.prefix], {
              env: killers.env(1 + (at % 17), how),
              detached: true,
            })
            world.mustRun(shell, ['recover', world.prefix])
            const where = `${shell.name}, ${how} call ${at}`
            assert.equal(existsSync(join(world.journals, 'tool')), false, where)
            const isNew = expectOneOf(world.tree, old.tree, made, where)
            checkReceipts(world, isNew, old.files, made, where)
            outcomes |= isNew ? 2 : 1
          } finally {
            world.close()
          }
        }
        if (killed === 0) break
      }
      assert.is(outcomes, title === 'an undo' ? 2 : 3, 'both outcomes were seen')
    } finally {
      killers.close()
      model.close()
    }
  })
}

/** True when it is the new one. */
function expectOneOf(tree: Tree, before: Tree, after: Tree, where: string): boolean {
  const text = (value: Tree) =>
    JSON.stringify(value, (_, item) => (isObject(item) ? sortedKeys(item) : item), 1)
  if (text(tree) === text(after)) return true
  assert.is(text(tree), text(before), where)
  return false
}

function checkReceipts(
  world: SwitchWorld,
  isNew: boolean,
  oldFiles: string,
  made: Tree,
  where: string,
): void {
  const receipt = join(world.receipts, 'tool.json')
  if (isNew && Object.keys(made).length === 0) {
    assert.not(existsSync(receipt), where)
    assert.not(existsSync(join(world.receipts, 'tool.files')), where)
    return
  }
  const changed = isNew && made === v2
  assert.is(readFileSync(receipt, 'utf8'), `{"version":${changed ? 2 : 1}}\n`, where)
  if (changed) assert.match(world.recorded(), /bin\/added\n/, where)
  else assert.is(world.recorded(), oldFiles, where)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sortedKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

test.run()
