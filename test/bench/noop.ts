/**
 * What a run costs that has nothing to do: against a minimal ssh2 script that connects, runs one small command and leaves,
 * both with the start of Node; and --help against `node -e 0`. Interleaved, medians, as ratios with their limits.
 * Run it with: node --import tsx test/bench/noop.ts [ROUNDS]
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../runner/paths.ts'
import { packTiny, tinyRecipe } from '../e2e/tinyPackage.ts'
import { Workshop } from '../e2e/workshop.ts'

const ROUNDS = Number(process.argv[2] ?? 25)
const MAIN = join(packageRoot, '.build', 'main.js')
const MINIMAL = join(packageRoot, 'test', 'bench', 'minimalSsh.mjs')

const workshop = new Workshop()
try {
  // Two recipes, one of which needs the other, as in the main job.
  workshop.write('hosts.yaml', 'hosts:\n  box:\n    address: sandbox\n    recipes:\n      tiny: "*"\n')
  const small = packTiny(workshop.archives, '1.0', {
    'Makefile.in': (text) => text.replaceAll('/tiny', '/small'),
  })
  workshop.write('recipes/small.yaml', tinyRecipe(small))
  workshop.write(
    'recipes/tiny.yaml',
    tinyRecipe(packTiny(workshop.archives, '2.0'), { dependencies: { small: '*' } }),
  )
  const installed = await workshop.build('box')
  if (installed.code !== 0) throw new Error(installed.stdout)
  measure()
} finally {
  await workshop.close()
}

function measure(): void {
  const { port, identityFile } = workshop.endpoint('box')
  const hostKey = workshop.cache('sandbox', 'box', 'host_key.pub')
  const ours = (...words: string[]) => [MAIN, '-C', workshop.project, ...words]
  const ways: Record<string, string[]> = {
    'node -e 0': ['-e', '0'],
    'minimal ssh2 script': [MINIMAL, String(port), identityFile, hostKey],
    '--help': [MAIN, '--help'],
    'nothing to do': ours('box'),
    '--dry-run': ours('box', '--dry-run'),
  }
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(ways).map((name) => [name, []]))
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, argv] of Object.entries(ways)) {
      const start = performance.now()
      execFileSync(process.execPath, argv, { env: workshop.env, stdio: 'ignore' })
      // The first round warms the caches of the file system.
      if (round >= 0) times[name]?.push(performance.now() - start)
    }
  }
  const median = (name: string) => times[name]?.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number
  for (const name of Object.keys(ways))
    console.log(`${name.padEnd(20)} ${median(name).toFixed(0).padStart(5)} ms`)
  const limits: [string, string, number][] = [
    ['nothing to do', 'minimal ssh2 script', 1.5],
    ['--dry-run', 'minimal ssh2 script', 1.5],
    ['--help', 'node -e 0', 2],
  ]
  for (const [name, against, limit] of limits) {
    const ratio = median(name) / median(against)
    const verdict = ratio <= limit ? 'pass' : 'FAIL'
    if (verdict === 'FAIL') process.exitCode = 1
    console.log(`${verdict}  ${name} / ${against}: ${ratio.toFixed(2)} (at most ${limit})`)
  }
}
