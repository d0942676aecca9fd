/**
 * The law that a plan does not depend on the order of keys, through the real way: the text of YAML files, read, checked,
 * chosen, planned. The recipes that are shipped and the hosts of hosts.yaml, every map of every file in another order.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse, stringify } from 'yaml'
import { loadProject } from '../../runner/config/load.ts'
import { wantedBuilds } from '../../runner/desired/wantedBuilds.ts'
import { packageRoot } from '../../runner/paths.ts'
import { planJson } from '../../runner/plan/planJson.ts'
import { canonicalJson } from '../../runner/plan/savedPlan.ts'
import type { Facts } from '../../runner/probe/facts.ts'
import { project } from '../config/project.ts'
import { type Files, installed, planOf, sampleFacts } from './planned.ts'

const test = suite('the order of keys')

const recipes = readdirSync(join(packageRoot, 'recipes')).map((name) => `recipes/${name}`)
const patches = readdirSync(join(packageRoot, 'patches'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(packageRoot.length + 1))
const textOf = (path: string) => readFileSync(join(packageRoot, path), 'utf8')
const shipped: Files = Object.fromEntries(
  ['hosts.yaml', ...recipes, ...patches].map((path) => [path, textOf(path)]),
)

/** The same values with the keys of every map in an order that the seed says; lists stay as they are. */
function shuffled(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, seed))
  if (value === null || typeof value !== 'object') return value
  const place = (key: string) => createHash('sha256').update(`${seed} ${key}`).digest('hex')
  const order = Object.entries(value).sort(([a], [b]) => (place(a) < place(b) ? -1 : 1))
  // A Map: an object would put keys that are numbers first.
  return new Map(order.map(([key, item]) => [key, shuffled(item, seed)]))
}

function inOtherOrder(files: Files, seed: number): Files {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      path.endsWith('.yaml') ? stringify(shuffled(parse(text), seed)) : text,
    ]),
  )
}

/** What is planned for each host by a run of the program, with all that is shown and saved of it. */
async function plans(files: Files, facts: Facts, before?: Files): Promise<string[]> {
  const of = async (some: Files) => {
    const { hosts, recipesFor } = await loadProject(project(some))
    return Promise.all(
      [...hosts.values()].map(async (host) => ({
        name: host.name,
        builds: wantedBuilds(host, await recipesFor(Object.keys(host.recipes)), facts),
      })),
    )
  }
  const old = before && (await of(before))
  const found = (await of(files)).map(({ name, builds }) => {
    const had = old?.find((one) => one.name === name)?.builds ?? []
    return `${name} ${canonicalJson(planJson(planOf(builds, installed(had, facts))))}`
  })
  return found.sort()
}

const SYSTEMS = { linux: sampleFacts({ os: 'Linux', machine: 'x86_64' }), solaris: sampleFacts() }

for (const [system, facts] of Object.entries(SYSTEMS)) {
  test(`shipped recipes on ${system}: the plans of all hosts are the same in any`, async () => {
    const wanted = await plans(shipped, facts)
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const other = inOtherOrder(shipped, seed)
        assert.equal(await plans(other, facts), wanted)
        // And to a host that was installed from the one, nothing is to be done by the other.
        for (const plan of await plans(other, facts, shipped)) assert.not.match(plan, /"kind":"(?!keep)/)
      }),
      { numRuns: 4 },
    )
  })
}

const names = ['a', 'b', 'c', 'd']
const word = fc.constantFrom('x', "it's", '${prefix}', 'ö: y')
const map = <T>(item: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom('A', 'B', 'C', '1'), item, { maxKeys: 3, noNullPrototype: true })
const named = <T>(item: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom('x', 'y', 'z'), item, { maxKeys: 3, noNullPrototype: true })
const environment = map(word).map((env) =>
  Object.fromEntries(Object.entries(env).map(([key, value]) => [`V${key}`, value])),
)
/** A recipe that may need those with later names, so that there are no circles. */
const aRecipe = (index: number) =>
  fc.record({
    env: environment,
    dependencies: fc
      .subarray(names.slice(index + 1))
      .map((needed) => Object.fromEntries(needed.map((name) => [name, { version: '*', kind: 'link' }]))),
    services: named(
      fc.record({ summary: word, command: fc.constant(['/bin/x']), environment }, { noNullPrototype: true }),
    ),
    files: fc.array(fc.record({ content: word }, { noNullPrototype: true }), { maxLength: 2 }),
  })
const generated = fc
  .record({
    recipes: fc.tuple(...names.map((_, index) => aRecipe(index))),
    wanted: fc.shuffledSubarray(names, { minLength: 1 }),
    env: environment,
  })
  .map(({ recipes, wanted, env }): Files => {
    const version = { source: { url: 'https://example.invalid/x.tar.gz', sha256: 'a'.repeat(64) } }
    const texts = recipes.map(({ files, services, ...fields }, index) => ({
      ...{ summary: 'x', system: 'autotools', ...fields },
      files: files.map((file, at) => ({ path: `etc/${names[index]}-${at}`, ...file })),
      services: Object.fromEntries(
        Object.entries(services).map(([name, service]) => [`${names[index]}${name}`, service]),
      ),
      versions: { '1.0': version, '1.1': version },
    }))
    const host = { address: 'x', env, recipes: Object.fromEntries(wanted.map((name) => [name, '*'])) }
    return Object.fromEntries([
      ['hosts.yaml', stringify({ hosts: { one: host } })],
      ...texts.map((text, index): [string, string] => [`recipes/${names[index]}.yaml`, stringify(text)]),
    ])
  })

test('generated recipes: the plan is the same in any', async () => {
  await fc.assert(
    fc.asyncProperty(generated, generated, fc.nat(), async (files, before, seed) => {
      const facts = SYSTEMS.solaris
      const other = inOtherOrder(files, seed)
      assert.equal(await plans(other, facts, before), await plans(files, facts, before))
      assert.equal(await plans(other, facts, inOtherOrder(before, seed)), await plans(files, facts, before))
    }),
    { numRuns: 25 },
  )
})

test.run()
