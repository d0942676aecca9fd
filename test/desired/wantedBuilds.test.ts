import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Host } from '../../runner/config/hosts.ts'
import { loadProject } from '../../runner/config/load.ts'
import type { Build } from '../../runner/desired/build.ts'
import { makeBuild } from '../../runner/desired/makeBuild.ts'
import { resolve } from '../../runner/desired/resolve.ts'
import { wantedBuilds } from '../../runner/desired/wantedBuilds.ts'
import type { BuildStackError } from '../../runner/errors.ts'
import { project } from '../config/project.ts'
import { sampleFacts } from '../plan/planned.ts'

const test = suite('wantedBuilds')

const version = '  "1.0":\n    source: { url: "http://127.0.0.1:9/x.tar.gz", sha256: "SHA" }\n'.replace(
  'SHA',
  '1'.repeat(64),
)
const FILES = {
  'recipes/lib.yaml': `summary: lib\nsystem: autotools\nversions:\n${version}`,
  'recipes/app.yaml':
    'summary: app\nsystem: autotools\ndependencies: { lib: "*" }\n' +
    'files: [{ path: etc/app, content: "${host.name} ${host.address} ${host.hostname} ${host.memory} ${host.cpus}" }]\n' +
    'configure: ["--prefix=${prefix}", { value: --web, when: { role: web } }, "--site=${value.site}"]\n' +
    `make: ["JOBS=\${jobs}"]\nversions:\n${version}`,
  'hosts.yaml':
    'hosts:\n  box:\n    address: 127.0.0.1\n    values: { site: a }\n    recipes: { app: "*" }\n',
}
const { hosts, recipesFor } = await loadProject(project(FILES))
const recipes = await recipesFor(['app'])
const box = hosts.get('box') as Host

/** What would be made of it if it were the only host. */
function alone(host: Host, facts = sampleFacts()): Build[] {
  const builds = new Map<string, Build>()
  // Another object: nothing is remembered of it.
  for (const selection of resolve(host, new Map(recipes), facts, [])) {
    builds.set(selection.recipe.name, makeBuild(selection, { host, facts, builds }))
  }
  return [...builds.values()]
}

test('hosts that want the same share it', () => {
  const [lib, app] = wantedBuilds(box, recipes, sampleFacts())
  const others = wantedBuilds({ ...box, keep: 17 }, recipes, sampleFacts())
  assert.is(others[0], lib)
  assert.is(others[1], app)
  assert.is(wantedBuilds({ ...box, values: { site: 'b' } }, recipes, sampleFacts())[0], lib)
})

const changes: Record<string, Partial<Host>> = {
  'another value': { values: { site: 'b' } },
  'another name': { name: 'other' },
  'another address': { address: '127.0.0.2' },
  'another prefix': { prefix: '/opt/other' },
  'another folder for builds': { work: '/var/other' },
  'another PATH': { path: ['/other/bin'] },
  'another folder of services': { scan: '/var/service' },
  'more jobs': { jobs: 17 },
  'another role': { roles: ['web'] },
  'another environment': { env: { CC: 'other' } },
  'flags of its own': {
    recipes: { app: { ...(box.recipes.app as Host['recipes'][string]), configure: ['--own'] } },
  },
}
for (const [name, change] of Object.entries(changes)) {
  test(`${name} gives what it would give alone, before and after`, () => {
    const host = { ...box, ...change }
    wantedBuilds(box, recipes, sampleFacts())
    assert.equal(wantedBuilds(host, recipes, sampleFacts()), alone(host))
    assert.equal(wantedBuilds(box, recipes, sampleFacts()), alone(box))
  })
}

test('so do other facts', () => {
  for (const facts of [
    sampleFacts({ machine: 'sparc' }),
    sampleFacts({ os: 'SunOS', release: '5.11' }),
    sampleFacts({ cpus: 64 }),
    sampleFacts({ memory: 2 ** 40 }),
    sampleFacts({ node: 'other' }),
  ]) {
    assert.equal(wantedBuilds(box, recipes, facts), alone(box, facts))
  }
})

test('an error is made anew for each host, and names it', () => {
  const nameOf = (host: Host) => {
    try {
      wantedBuilds(host, recipes, sampleFacts(), ['nobody'])
    } catch (error) {
      return (error as BuildStackError).context.host
    }
    return undefined
  }
  assert.equal([nameOf(box), nameOf({ ...box, name: 'other' })], ['box', 'other'])
})

test.run()
