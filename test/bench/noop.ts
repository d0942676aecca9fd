/**
 * What a run costs that has nothing to do: against a minimal ssh2 script that connects, runs one small command and leaves,
 * both with the start of Node; and --help against `node -e 0`. Interleaved, medians, as ratios with their limits.
 * Run it with: npm run bench -- noop
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../runner/paths.ts'
import { packTiny, tinyRecipe } from '../e2e/tinyPackage.ts'
import { Workshop } from '../e2e/workshop.ts'
import { interleaved, judge, machine, median } from './measured.ts'

const ROUNDS = 25
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
  await measure()
} finally {
  await workshop.close()
}

async function measure(): Promise<void> {
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
  const run = (argv: string[]) => () =>
    execFileSync(process.execPath, argv, { env: workshop.env, stdio: 'ignore' })
  const times = await interleaved(
    Object.fromEntries(Object.entries(ways).map(([name, argv]) => [name, run(argv)])),
    ROUNDS,
  )
  const took = (name: string) => median(times[name] as number[])
  console.log(machine())
  for (const name of Object.keys(ways))
    console.log(`${name.padEnd(20)} ${took(name).toFixed(0).padStart(5)} ms`)
  const limits: [string, string, number][] = [
    ['nothing to do', 'minimal ssh2 script', 1.5],
    ['--dry-run', 'minimal ssh2 script', 1.5],
    ['--help', 'node -e 0', 2],
  ]
  for (const [name, against, limit] of limits)
    judge(`${name} / ${against}`, took(name) / took(against), limit)
}
