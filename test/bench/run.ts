/**
 * `npm run bench`: the quick benchmarks; `npm run bench -- all`: all of them; `npm run bench -- NAME...`: these. Each is a
 * process of its own that prints its figures and PASS or FAIL for each limit.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../runner/paths.ts'

interface Bench {
  /** Less than a few minutes on a machine that is not busy. */
  quick?: true
  /** What it measures is code in its own process: it is bundled as the program is. */
  bundled?: true
  /** Arguments. */
  words?: string[]
}

const BENCHES: Record<string, Bench> = {
  noop: { quick: true },
  upload: { quick: true },
  plan: { quick: true, bundled: true },
  decide: { quick: true, bundled: true },
  switch: {},
  fleet: {},
  delay: {},
  memory: {},
  log: {},
  scheduler: { words: ['3'] },
  sync: {},
  package: { words: ['memcached', 'python'] },
}

const asked = process.argv.slice(2)
const unknown = asked.find((name) => name !== 'all' && !(name in BENCHES))
if (unknown !== undefined) {
  console.error(`there is no benchmark ${unknown}; there are ${Object.keys(BENCHES).join(', ')}, and all`)
  process.exit(64)
}
const chosen = Object.entries(BENCHES).filter(([name, { quick }]) =>
  asked.length > 0 ? asked.includes('all') || asked.includes(name) : quick,
)
const failed: string[] = []
for (const [name, bench] of chosen) {
  console.log(`\n${name}`)
  const { status } = spawnSync(process.execPath, ['--expose-gc', ...command(name, bench)], {
    stdio: 'inherit',
    cwd: packageRoot,
  })
  if (status !== 0) failed.push(name)
}
console.log(failed.length > 0 ? `\nnot within the limits: ${failed.join(', ')}` : '\nall within the limits')
if (failed.length > 0) process.exitCode = 1

function command(name: string, { bundled, words = [] }: Bench): string[] {
  const source = join('test', 'bench', `${name}.ts`)
  if (!bundled) return ['--import', 'tsx', source, ...words]
  const script = join('.build', `bench-${name}.js`)
  execFileSync(process.execPath, ['.esbuild.mjs', source, script], { cwd: packageRoot })
  return [script, ...words]
}
