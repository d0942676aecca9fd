/**
 * Planning 200 recipes on 200 hosts from synthetic receipts: cpu time for 10,000 pairs of recipe and host, and memory.
 * Run it with: npm run bench -- plan
 */
import type { Host, WantedRecipe } from '../../runner/config/hosts.ts'
import { loadProject } from '../../runner/config/load.ts'
import { resolve } from '../../runner/desired/resolve.ts'
import type { Receipt } from '../../runner/receipts/receipt.ts'
import { prepareHost } from '../../runner/run/prepareHost.ts'
import { project } from '../config/project.ts'
import { sampleFacts } from '../plan/planned.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { judge, machine } from './measured.ts'

const RECIPES = 200
const HOSTS = 200
const LIMIT = 200
const ROUNDS = 3

const names = Array.from({ length: RECIPES }, (_, index) => `recipe${index}`)
const recipes = names.map((name, index): [string, string] => {
  const needs = [index - 1, index - 7].filter((other) => other >= 0 && index % 3 > 0)
  const version = (number: number) =>
    `  "${number}.0":\n    source: { url: "http://127.0.0.1:9/${name}-${number}.tar.gz", sha256: "${String(number).repeat(64)}" }\n`
  return [
    `recipes/${name}.yaml`,
    `summary: recipe ${index}\nsystem: autotools\nconfigure: [--with-a, "--prefix=\${prefix}/x"]\nenv: { CFLAGS: -O2, LDFLAGS: "-L\${prefix}/lib" }\n` +
      (needs.length > 0 ? `dependencies:\n${needs.map((other) => `  recipe${other}: "*"\n`).join('')}` : '') +
      `versions:\n${version(2)}${version(1)}`,
  ]
})
const wanted = names.map((name) => `      ${name}: "2"\n`).join('')
const folder = project({
  ...Object.fromEntries(recipes),
  'hosts.yaml': `hosts:\n  server1:\n    address: 127.0.0.1\n    recipes:\n${wanted}`,
})
const { hosts, recipesFor } = await loadProject(folder)
const loaded = await recipesFor(names)
const template = hosts.get('server1') as Host

/** As a run does it: what can be wrong without the host, and when its receipts are there, the plan. */
const plan = (host: Host, receipts: Record<string, Receipt>) => {
  resolve(host, loaded, undefined, [])
  return prepareHost(host, sampleFacts({ receipts }), {
    recipes: loaded,
    only: [],
    by: 'bench',
    run: '0',
    packages: undefined,
  })
}

// As a host that is up to date, but that each has other recipes missing or old.
const { plan: fresh } = await plan(template, {})
const receiptsOf = (host: number) =>
  Object.fromEntries(
    fresh.actions.flatMap(({ build }, index): [string, Receipt][] => {
      if ((index + host) % 10 === 0) return []
      const current = (index + host) % 4 > 0
      const inputs = current
        ? build.inputs
        : { ...build.inputs, build: { ...build.inputs.build, version: '1.0' } }
      const { recipe, fingerprint, dependencies, platform } = build
      return [
        [
          recipe,
          receipt(recipe, {
            version: inputs.build.version as string,
            inputs,
            fingerprint,
            dependencies,
            platform,
            links: { needs: {}, provides: [`lib${recipe}.so.1`] },
          }),
        ],
      ]
    }),
  )
const states = Array.from({ length: HOSTS }, (_, index) => JSON.stringify(receiptsOf(index)))

for (let warm = 0; warm < 5; warm += 1) await plan(template, JSON.parse(states[0] as string))
globalThis.gc?.()
const before = process.memoryUsage().heapUsed
const plans: unknown[] = []
let pending = 0

/** Milliseconds of cpu for 10,000 pairs, in the best of some rounds: other work on the machine only adds to them. */
async function measure(hostOf: (index: number) => Host): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measureOnce(hostOf))
  return Math.min(...rounds)
}

async function measureOnce(hostOf: (index: number) => Host): Promise<number> {
  let cpu = 0
  plans.length = 0
  pending = 0
  for (const [index, state] of states.entries()) {
    const receipts = JSON.parse(state) as Record<string, Receipt>
    const started = process.cpuUsage()
    const prepared = await plan(hostOf(index), receipts)
    const { user, system } = process.cpuUsage(started)
    cpu += (user + system) / 1000
    plans.push(prepared)
    pending += prepared.plan.actions.filter(({ kind }) => kind !== 'keep').length
  }
  return (cpu / (RECIPES * HOSTS)) * 10_000
}

const alike = await measure((index) => ({ ...template, name: `host${index}` }))
globalThis.gc?.()
const memory = (process.memoryUsage().heapUsed - before) / 1e6
const different = await measure((index) => ({
  ...template,
  name: `host${index}`,
  values: { n: `${index}` },
  recipes: {
    ...template.recipes,
    [`recipe${index}`]: { ...template.recipes[`recipe${index}`], env: { HOST: `${index}` } } as WantedRecipe,
  },
}))

console.log(machine())
console.log(
  `${RECIPES} recipes x ${HOSTS} hosts, ${pending} actions pending; milliseconds of cpu for 10,000 pairs`,
)
console.log(
  `heap of all plans ${memory.toFixed(0)} MB, resident ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
)
judge('hosts that differ in their receipts', alike, LIMIT)
judge('hosts that differ in values and settings too', different, LIMIT)
if (pending === 0 || plans.length !== HOSTS) throw new Error('the bench planned nothing')
