/**
 * Switching 5,000 files (prepare, switch and commit of switch.sh) against `tar x` of the same files, alternating, the middle
 * of several rounds: the first install against tar into an empty folder, an upgrade against tar over the version before. Of
 * these, "down" is what services wait for: switch and commit.
 * Run it with: npm run build && node --import tsx test/bench/switch.ts [SHELL...]   (dash, ksh, busybox)
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shells } from '../host/shells.ts'
import { SwitchWorld } from '../host/switchWorld.ts'
import { judge, machine, median } from './measured.ts'

const FILES = 5000
const BYTES = 8_000
const ROUNDS = 3
const LIMIT = 2

const folder = mkdtempSync(join(tmpdir(), 'build-stack-bench-'))

/** 50 files in each of 100 folders. */
function writeStage(stage: string, version: string): void {
  for (let index = 0; index < FILES; index += 1) {
    const into = join(stage, 'lib', `part${index % 100}`)
    mkdirSync(into, { recursive: true })
    writeFileSync(join(into, `file${index}`), `${version} ${index}\n`.padEnd(BYTES, 'x'))
  }
}

function seconds(work: () => void): number {
  execFileSync('sync')
  const started = performance.now()
  work()
  return (performance.now() - started) / 1000
}

const stages = ['1', '2'].map((version) => {
  const stage = join(folder, `stage${version}`)
  writeStage(stage, version)
  return stage
})
const archives = stages.map((stage, index) => {
  const archive = join(folder, `files${index}.tar`)
  execFileSync('tar', ['cf', archive, '-C', stage, '.'])
  return archive
})

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['dash', 'ksh', 'busybox']
console.log(machine())
for (const shell of shells.filter(({ name }) => wanted.includes(name))) {
  const times = { tar: [], tarOver: [], install: [], upgrade: [] } as Record<string, number[]>
  const down = { install: [], upgrade: [] } as Record<string, number[]>
  for (let round = 0; round < ROUNDS; round += 1) {
    const world = new SwitchWorld()
    const put = (what: string, stage: string) => {
      const before = seconds(() => world.mustRun(shell, ['prepare', stage, world.prefix, 'tool']))
      const after = seconds(() => {
        world.mustRun(shell, ['switch', world.prefix, 'tool'])
        world.mustRun(shell, ['commit', world.prefix, '', 'tool'])
      })
      times[what]?.push(before + after)
      down[what]?.push(after)
    }
    const there = join(folder, 'there')
    mkdirSync(there)
    const untar = (archive: string) => seconds(() => void execFileSync('tar', ['xf', archive, '-C', there]))
    times.tar?.push(untar(archives[0] as string))
    times.tarOver?.push(untar(archives[1] as string))
    put('install', stages[0] as string)
    put('upgrade', stages[1] as string)
    rmSync(there, { recursive: true })
    world.close()
  }
  for (const what of ['install', 'upgrade'] as const) {
    const base = median((what === 'install' ? times.tar : times.tarOver) ?? [])
    const [took, waits] = [median(times[what] ?? []), median(down[what] ?? [])]
    console.log(
      `${shell.name.padEnd(8)} ${what.padEnd(8)} ${took.toFixed(3)} s, down ${waits.toFixed(3)} s   tar x ${base.toFixed(3)} s`,
    )
    judge(`${shell.name}, ${what} / tar x`, took / base, LIMIT)
    judge(`${shell.name}, down in ${what} / tar x`, waits / base, LIMIT)
  }
}
rmSync(folder, { recursive: true })
