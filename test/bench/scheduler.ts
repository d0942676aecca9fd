/**
 * Ten recipes with the scheduler against the same ten one after another with make -j: how much faster, and how near to what
 * no schedule can beat, which is the longer of two times: the longest chain of what needs each other, each recipe as fast
 * as it is alone with all cpus; and the processor time of all of it on all cpus, as far as other programs left these free.
 * Real compilers, configure scripts that compile one probe after the other, the whole way into the prefix.
 * Run it with: npm run bench -- scheduler (three rounds; on an idle machine)
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { packTiny, tinyRecipe } from '../e2e/tinyPackage.ts'
import { eventsOf, Workshop } from '../e2e/workshop.ts'
import { judge, machine } from './measured.ts'

const ROUNDS = Number(process.argv[2] ?? 1)
/** Of the better bound. */
const LIMIT = 0.85
const TICKS = 100
/** Share of the cpus that other programs may take; with more, the figures say nothing. */
const DISTURBED = 0.1

/** needs, probes of its configure, C files. A chain of four, three beside it, three alone. */
const SET: Record<string, { needs: string[]; probes: number; files: number }> = {
  base: { needs: [], probes: 12, files: 6 },
  middle: { needs: ['base'], probes: 16, files: 8 },
  server: { needs: ['middle'], probes: 16, files: 10 },
  module: { needs: ['server'], probes: 8, files: 4 },
  client: { needs: ['base'], probes: 12, files: 6 },
  tools: { needs: ['base'], probes: 20, files: 4 },
  extra: { needs: ['client'], probes: 8, files: 6 },
  large: { needs: [], probes: 10, files: 16 },
  slow: { needs: [], probes: 30, files: 4 },
  small: { needs: [], probes: 6, files: 2 },
}

/** Some 0.2 s of an optimising compiler. */
function source(recipe: string, index: number): string {
  const functions = Array.from({ length: 15 }, (_, n) => {
    const name = `${recipe}_${index}_${n}`
    return `int ${name}(int *a, int n) { int s = ${n}; for (int i = 0; i < n; i++) for (int j = i; j < n; j += 3)
      switch ((a[i] ^ a[j]) % 7) { case 0: s += a[i] * ${n}; break; case 1: s -= a[j]; break; case 2: s ^= i << 2;
      break; case 5: s += a[(i * j) % n]; break; default: s = s * 31 + j; } return s; }`
  })
  return functions.join('\n')
}

function writeRecipe(workshop: Workshop, name: string, index: number): void {
  const { needs, probes, files } = SET[name] as (typeof SET)[string]
  const sources = Array.from({ length: files }, (_, n) => `part${n}`)
  const probe = `i=0
while [ $i -lt ${probes} ]; do
  echo "int main(void) { return $i; }" >conftest.c
  \${CC:-cc} -O2 -o conftest conftest.c && ./conftest; i=$((i + 1)); echo "checking $i"
done`
  const archive = packTiny(
    workshop.archives,
    `1.${index}`,
    {
      configure: (text) => text.replace('#!/bin/sh', `#!/bin/sh\n${probe}`),
      'Makefile.in': (text) =>
        text
          .replaceAll('/bin/tiny', `/bin/${name}`)
          .replaceAll('share/tiny', `share/${name}`)
          .replace('tiny: tiny.c', `tiny: tiny.c ${sources.map((one) => `${one}.o`).join(' ')}`)
          .replace('-o tiny tiny.c', '-O2 -o tiny tiny.c *.o')
          .replace('all: tiny', 'CFLAGS = -O2\nall: tiny'),
    },
    Object.fromEntries(sources.map((one, n) => [`${one}.c`, Buffer.from(source(name, n))])),
  )
  const dependencies = Object.fromEntries(needs.map((need) => [need, '*']))
  workshop.write(`recipes/${name}.yaml`, tinyRecipe(archive, { dependencies }))
}

interface Measured {
  seconds: number
  /** Processor seconds of the host's processes. */
  work: number
  /** Processor seconds of other programs of this machine meanwhile. */
  others: number
  /** Of each recipe. */
  recipes: Map<string, number>
}

/** Processor seconds of the live processes of a sandbox and of what they have waited for. */
function workOf(namespace: string): number {
  let ticks = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readlinkSync(`/proc/${pid}/ns/pid`) !== namespace) continue
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
      for (const field of [11, 12, 13, 14]) ticks += Number(fields[field])
    } catch {
      // It has ended.
    }
  }
  return ticks / TICKS
}

/** Of the whole machine, without what it waited. */
function busySeconds(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + soft) / TICKS
}

/** All ten from nothing. */
async function measure(more: string[]): Promise<Measured> {
  const workshop = new Workshop()
  try {
    for (const [index, name] of Object.keys(SET).entries()) writeRecipe(workshop, name, index)
    const recipes = Object.fromEntries(Object.keys(SET).map((name) => [name, '*']))
    workshop.write('hosts.yaml', JSON.stringify({ hosts: { box: { address: 'sandbox', recipes } } }))
    // Starts the sandbox.
    await workshop.command('box', '--dry-run')
    // Its first process stays outside, and made the namespace for those below it.
    const namespace = readlinkSync(`/proc/${workshop.endpoint('box').pid}/ns/pid_for_children`)
    const [work, busy, started] = [workOf(namespace), busySeconds(), performance.now()]
    const { code, stdout } = await workshop.build('box', '--json', ...more)
    const seconds = (performance.now() - started) / 1000
    if (code !== 0) throw new Error(stdout.split('\n').slice(-20).join('\n'))
    const done = workOf(namespace) - work
    const ends = eventsOf(stdout).flatMap(({ type, recipe, seconds }) =>
      type === 'recipe-end' ? [[String(recipe), Number(seconds)] as const] : [],
    )
    return { seconds, work: done, others: busySeconds() - busy - done, recipes: new Map(ends) }
  } finally {
    await workshop.close()
  }
}

function longestChain(recipes: ReadonlyMap<string, number>): number {
  const end = (name: string): number =>
    (recipes.get(name) ?? 0) + Math.max(0, ...(SET[name]?.needs ?? []).map(end))
  return Math.max(...Object.keys(SET).map(end))
}

const cpus = availableParallelism()
const shown = (value: number) => value.toFixed(1)
let reached: number | undefined
console.log(machine())
for (let round = 1; round <= ROUNDS; round += 1) {
  const apart = await measure(['--jobs', '1'])
  const together = await measure([])
  const chain = longestChain(apart.recipes)
  const free = cpus - together.others / together.seconds
  const work = together.work / free
  const share = Math.max(chain, work) / together.seconds
  const isIdle = free >= cpus * (1 - DISTURBED)
  if (isIdle) reached = Math.max(reached ?? 0, share)
  console.log(`round ${round}: ${cpus} cpus, of which other programs left ${shown(free)} free`)
  console.log(`  one after another, make -j${cpus}   ${shown(apart.seconds)} s`)
  console.log(
    `  with the scheduler           ${shown(together.seconds)} s   ${(apart.seconds / together.seconds).toFixed(2)} times as fast`,
  )
  console.log(`  bound by the longest chain   ${shown(chain)} s`)
  console.log(
    `  bound by processor time      ${shown(work)} s   (${shown(together.work)} s of it; ${shown(apart.work)} s one after another)`,
  )
  console.log(`  reached of the better bound  ${Math.round(share * 100)}%`)
}
if (reached === undefined) {
  console.log('no verdict: other programs were at work')
  process.exitCode = 1
} else judge('ten recipes with the scheduler, of the better bound', reached, LIMIT, 'at least')
