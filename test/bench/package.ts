/**
 * Installing from a package against building, on sandboxes: tiny and memcached (with libevent), and Python where its source can be
 * had without a network. Run it with: npm run bench -- package
 */
import { mkdirSync, symlinkSync } from 'node:fs'
import { cacheFolder } from '../../runner/paths.ts'
import { packTiny, tinyRecipe } from '../e2e/tinyPackage.ts'
import { Workshop } from '../e2e/workshop.ts'
import { judge } from './measured.ts'

/** What is installed, and how many times faster a package must be; tiny is there to show what a run costs in any case. */
const CASES: Record<string, { recipes: Record<string, string>; limit: number }> = {
  tiny: { recipes: { tiny: '1.0' }, limit: 0 },
  memcached: { recipes: { libevent: '2.1.12-stable', memcached: '1.6.18' }, limit: 5 },
  python: { recipes: { openssl: '3.0.22', python: '3.11.2' }, limit: 20 },
}

async function seconds(workshop: Workshop, ...words: string[]): Promise<number> {
  const started = performance.now()
  const { code, stdout, stderr } = await workshop.build(...words)
  if (code !== 0) throw new Error(stdout.slice(-2000) + stderr)
  return (performance.now() - started) / 1000
}

/** The host is up before anything is measured. */
async function measure(recipe: string): Promise<void> {
  const { recipes, limit } = CASES[recipe] as (typeof CASES)[string]
  const workshop = new Workshop()
  try {
    if (recipe === 'tiny') {
      workshop.write('recipes/tiny.yaml', tinyRecipe(packTiny(workshop.archives, '1.0')))
    } else {
      workshop.takeOverRecipes()
      // Another memcached may run on this machine.
      workshop.takeOver('recipes/memcached.yaml', (text) => text.replaceAll('11211', '21137'))
      // Fetching is not what is measured.
      mkdirSync(cacheFolder('sources'), { recursive: true })
      mkdirSync(workshop.cache(), { recursive: true })
      symlinkSync(cacheFolder('sources'), workshop.cache('sources'))
    }
    const wanted = Object.entries(recipes).map(([name, version]) => `      ${name}: "${version}"\n`)
    workshop.write(
      'hosts.yaml',
      `hosts:\n  one:\n    address: sandbox\n    roles: [web]\n    recipes:\n${wanted.join('')}`,
    )
    await workshop.command('sandbox', 'start', 'one')
    const build = await seconds(workshop, 'one')
    const removed = await workshop.command(
      'remove',
      'one',
      ...Object.keys(recipes),
      '--with-dependents',
      '--yes',
    )
    if (removed.code !== 0) throw new Error(removed.stdout + removed.stderr)
    const install = await seconds(workshop, 'one')
    console.log(`${recipe}: built in ${build.toFixed(1)} s, from its package ${install.toFixed(1)} s`)
    judge(`${recipe}: build / package`, build / install, limit, 'at least')
  } finally {
    await workshop.close()
  }
}

for (const recipe of ['tiny', ...process.argv.slice(2)]) {
  try {
    await measure(recipe)
  } catch (error) {
    console.log(
      `${recipe.padEnd(10)} not measured: ${(error as Error).message.trim().split('\n').slice(-3).join(' | ')}`,
    )
  }
}
