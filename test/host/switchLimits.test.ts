/** switch.sh with many files, and on a disk that is full. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'
import { JOB_SCRIPTS } from './jobFolder.ts'
import { findProgram, SHA256, type Shell, shells } from './shells.ts'
import { SwitchWorld } from './switchWorld.ts'
import { file, folder, type Tree } from './trees.ts'

const test = suite('host/switch.sh: limits')
const [shell] = shells as [Shell]

function many(content: string): Tree {
  const tree: Tree = {}
  for (let i = 0; i < 60; i++) {
    const files = Object.fromEntries(
      Array.from({ length: 50 }, (_, j) => [`module_${j}.py`, file(`${content} ${i} ${j}`)]),
    )
    tree[`package${i}`] = folder(files)
  }
  return { lib: folder(tree) }
}

function timed(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

/** A PATH on which every program that the scripts use notes that it was called. */
function countingPath(folder: string): { PATH: string; calls: () => string[] } {
  const [bin, calls] = [join(folder, 'counting'), join(folder, 'calls')]
  mkdirSync(bin)
  const names =
    'awk cat chmod comm find ln ls mawk mkdir mv rm rmdir sed sha256sum sort tar tee uname wc'.split(' ')
  for (const name of names) {
    const program = findProgram(name)
    if (program)
      writeFileSync(join(bin, name), `#!/bin/sh\necho ${name} >>'${calls}'\nexec ${program} "$@"\n`, {
        mode: 0o755,
      })
  }
  return {
    PATH: `${bin}:${process.env.PATH}`,
    calls() {
      const lines = readFileSync(calls, 'utf8').trimEnd().split('\n')
      writeFileSync(calls, '')
      return lines
    },
  }
}

test('3,000 files take no process each, and new folders one rename', () => {
  const world = new SwitchWorld()
  try {
    const stages = ['one', 'two'].map((content) => world.stage(many(content)))
    mkdirSync(join(world.folder, 'copy'))
    const tar = timed(() => {
      const copy = 'cd "$1" && tar cf - . | (cd "$2" && tar xf -)'
      const words = ['-c', copy, 'sh', stages[0] as string, join(world.folder, 'copy')]
      assert.is(spawnSync('sh', words).status, 0)
    })
    const { PATH, calls } = countingPath(world.folder)
    const measured = [`tar ${tar.toFixed(0)} ms`]
    const run = (what: string, words: string[]) => {
      const milliseconds = timed(() => world.mustRun(shell, words, { env: { PATH } }))
      const names = calls()
      measured.push(`${what} ${milliseconds.toFixed(0)} ms with ${names.length} calls`)
      assert.ok(names.length < 300, `${measured.at(-1)}`)
      return names.filter((name) => name === 'mv').length
    }
    const commit = () => run('commit', ['commit', world.prefix, '', 'tool'])
    // The others are those of the journal's own files.
    assert.ok(run('install', ['install', stages[0] as string, world.prefix, 'tool']) < 8)
    commit()
    run('upgrade', ['install', stages[1] as string, world.prefix, 'tool'])
    run('undo', ['undo', world.prefix, 'tool'])
    assert.is(readFileSync(join(world.prefix, 'lib/package59/module_49.py'), 'utf8'), 'one 59 49')
    run('removal', ['remove', world.prefix, 'tool'])
    commit()
    assert.equal(world.tree, {})
    console.log(`  ${measured.join(', ')}`)
  } finally {
    world.close()
  }
})

/** Runs a script with a file system of its own, of so many kilobytes, at `place`. */
function onSmallDisk(place: string, kilobytes: number, script: string): ReturnType<typeof spawnSync> {
  const setUp = `mount -t tmpfs -o size=${kilobytes}k none "$1" || exit 99; ${script}`
  return spawnSync('unshare', ['-rm', 'sh', '-c', setUp, 'sh', place], {
    encoding: 'utf8',
    env: { ...process.env, BUILD_STACK_SHELL: shell.path, BUILD_STACK_SHA256: SHA256 },
  })
}

const canMount = findProgram('unshare') && onSmallDisk('/mnt', 100, 'exit 0').status === 0
if (!canMount) console.log('  no test with a full disk: unshare cannot make a file system here')
const withDisk = canMount ? test : test.skip

withDisk('a full disk leaves the prefix as it was, wherever it fills up', () => {
  const world = new SwitchWorld()
  try {
    const data = (size: number, letter: string) => file(letter.repeat(size))
    const v1 = world.stage({
      bin: folder({ a: data(20_000, 'a'), b: data(20_000, 'b') }),
      old: data(100, 'o'),
    })
    const v2 = world.stage({
      bin: folder({ a: data(60_000, 'A'), b: data(60_000, 'B'), c: data(60_000, 'C') }),
      new: folder({ n: file('n') }),
    })
    const [script, first, second] = [hostScript('switch.sh'), v1, v2].map((path) => `'${path}'`)
    const snapshot = `snapshot() {
          (cd "$1/p" && find . -path ./var -prune -o -print | sort | while read -r path; do
            ls -ld "$path" | cut -c1-10
            echo "$path"
            [ ! -f "$path" ] || sha256sum <"$path"
          done)
        }`
    let failed = 0
    // From no room at all to enough.
    for (let room = 0; room <= 260; room += 20) {
      const { status, stdout, stderr } = onSmallDisk(
        world.prefix,
        600,
        `PATH=$PATH:/usr/sbin; mkdir "$1/p"; $BUILD_STACK_SHELL ${script} install ${first} "$1/p" tool && $BUILD_STACK_SHELL ${script} commit "$1/p" '' tool || exit 98
        ${snapshot}
        before=$(snapshot "$1")
        free=$(df -k "$1" | awk 'NR == 2 { print $4 }')
        dd if=/dev/zero of="$1/filler" bs=1024 count=$((free - ${room})) 2>/dev/null
        if $BUILD_STACK_SHELL ${script} install ${second} "$1/p" tool 2>/dev/null && $BUILD_STACK_SHELL ${script} commit "$1/p" '' tool 2>/dev/null; then
          [ -f "$1/p/new/n" ] && [ ! -f "$1/p/old" ] || exit 97
          exit 0
        fi
        # What a run does when a step fails, and the next one.
        $BUILD_STACK_SHELL ${script} undo "$1/p" tool 2>/dev/null
        rm "$1/filler"
        $BUILD_STACK_SHELL ${script} recover "$1/p" >/dev/null || exit 96
        after=$(snapshot "$1")
        [ "$before" = "$after" ] || { echo "$before"; echo ---; echo "$after"; exit 95; }
        [ -z "$(ls "$1/p/var/build-stack/journal")" ] || exit 94
        exit 10`,
      )
      assert.ok(status === 0 || status === 10, `${room} KB: ${status} ${stdout}${stderr}`)
      if (status === 10) failed++
      else assert.ok(room >= 180, `${room} KB were enough`)
    }
    assert.ok(failed > 4, `${failed} failed`)
  } finally {
    world.close()
  }
})

withDisk('a job on a full disk still says how it ended', () => {
  const world = new SwitchWorld()
  try {
    const job = join(world.folder, 'job')
    for (const name of JOB_SCRIPTS) {
      const text = readFileSync(hostScript(name))
      mkdirSync(job, { recursive: true })
      writeFileSync(join(job, name), text)
    }
    const { stdout, status } = onSmallDisk(
      world.prefix,
      400,
      `work=$1; cp -r '${job}' "$1/job" && cd "$1/job" && mkdir steps && echo token >token
      echo "BUILD_STACK_SHELL=${shell.path}; export BUILD_STACK_SHELL" >env.sh
      echo 'yes >filler' >steps/01-fill.sh
      timeout 20 $BUILD_STACK_SHELL ./start.sh "$work" me run`,
    )
    assert.match(String(stdout), /token \S+ done 01-fill 1\n/)
    assert.match(String(stdout), /token \S+ end 1\n/)
    assert.is(status, 0)
    assert.ok(statSync(world.folder).isDirectory())
  } finally {
    world.close()
  }
})

test.run()
