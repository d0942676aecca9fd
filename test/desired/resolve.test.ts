import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadProject } from '../../runner/config/load.ts'
import { satisfies } from '../../runner/config/version.ts'
import { resolve, type Selection } from '../../runner/desired/resolve.ts'
import { BuildStackError } from '../../runner/errors.ts'
import { linesOf } from '../config/faultsOf.ts'
import { hosts, project, recipe } from '../config/project.ts'

const FACTS = { os: 'SunOS', release: '5.11', machine: 'i86pc', supervisor: 'smf' }

interface Options {
  facts?: typeof FACTS | undefined
  only?: string[]
}

/** The selections for server1 of these recipes and this hosts.yaml. */
async function select(
  recipes: Record<string, string>,
  hostsYaml: string,
  options: Options = {},
): Promise<Selection[]> {
  const files = Object.fromEntries(
    Object.entries(recipes).map(([name, text]) => [`recipes/${name}.yaml`, text]),
  )
  const loaded = await loadProject(project({ ...files, 'hosts.yaml': hostsYaml }))
  const host = loaded.hosts.get('server1')
  if (!host) throw new Error('the test has no server1')
  const needed = await loaded.recipesFor(Object.keys(host.recipes))
  return resolve(host, needed, 'facts' in options ? options.facts : FACTS, options.only ?? [])
}

const names = (selections: Selection[]) =>
  selections.map(({ recipe: { name }, version }) => `${name} ${version}`).join(', ')

async function fault(promise: Promise<unknown>): Promise<BuildStackError> {
  const error = await promise.then(
    () => undefined,
    (thrown) => thrown,
  )
  if (error instanceof BuildStackError) return error
  throw new Error(`expected one fault, got ${error ? linesOf(error).join('\n') : 'none'}`)
}

const needs = (map: string) => `dependencies: {${map}}\n`
const own = (map: string) => `    dependencies: {${map}}\n`
const without = (version: string) => `  ${version}:\n    source: {url: https://x.invalid/${version}.tgz}\n`

const choice = suite('resolve: versions')
const MEMCACHED = {
  memcached: recipe(needs('libevent: ">=2.0"'), { '1.6.18': '', '1.4.6-2': own('libevent: ">=1.4 <2"') }),
  libevent: recipe('', { '2.1.12-stable': '', '1.4.14b-stable': '', '2.1.8-stable': '' }),
}
choice('the newest that all accept, dependencies first', async () => {
  const selections = await select(MEMCACHED, hosts({ memcached: '*' }))
  assert.is(names(selections), 'libevent 2.1.12-stable, memcached 1.6.18')
  assert.equal(selections[1]?.dependencies, [{ name: 'libevent', kind: 'link', range: '>=2.0' }])
})
choice('in the order of names, but for what brings the supervisor', async () => {
  const some = Object.fromEntries(['a', 'daemontools', 'b', 'lib'].map((name) => [name, recipe()]))
  const all = { ...some, b: recipe(needs('lib: "*"')) }
  const wanted = hosts({ b: '*', daemontools: '*', a: '*' })
  assert.is(names(await select(all, wanted)), 'a 1.0, lib 1.0, b 1.0, daemontools 1.0')
  const own = wanted.replace('    recipes:', '    supervisor: daemontools\n    recipes:')
  assert.is(names(await select(all, own)), 'daemontools 1.0, a 1.0, lib 1.0, b 1.0')
})
choice('another version of a recipe may need another range', async () => {
  const selections = await select(MEMCACHED, hosts({ memcached: '~1.4.6' }))
  assert.is(names(selections), 'libevent 1.4.14b-stable, memcached 1.4.6-2')
})
choice('the host’s own range counts for a dependency too', async () => {
  const selections = await select(MEMCACHED, hosts({ memcached: '^1.6', libevent: '<2.1.12' }))
  assert.is(names(selections), 'libevent 2.1.8-stable, memcached 1.6.18')
})
choice('a choice that changes what is needed leaves nothing of the first behind', async () => {
  // b is chosen 2 at first; c then asks for b 1, which needs no d.
  const selections = await select(
    {
      a: recipe(needs('b: "*", c: "*"')),
      b: recipe('', { '2': own('d: "*"'), '1': '' }),
      c: recipe(needs('b: "1"')),
      d: recipe(),
    },
    hosts({ a: '*' }),
  )
  assert.is(names(selections), 'b 1, c 1.0, a 1.0')
})
choice('versions without a checksum are left out, unless asked for by name', async () => {
  const recipes = { a: `${recipe('', { '1.0': '' })}${without('2.0')}` }
  assert.is(names(await select(recipes, hosts({ a: '*' }))), 'a 1.0')
  assert.is(names(await select(recipes, hosts({ a: '2.0' }))), 'a 2.0')
})
choice('a pre-release is chosen only by name', async () => {
  const recipes = { a: recipe('', { '2.0-rc1': '', '1.0': '' }) }
  assert.is(names(await select(recipes, hosts({ a: '*' }))), 'a 1.0')
  assert.is(names(await select(recipes, hosts({ a: '>=2.0-rc1' }))), 'a 2.0-rc1')
})
choice('who asks for what, when nothing suits all', async () => {
  const error = await fault(
    select({ ...MEMCACHED, tmux: recipe(needs('libevent: "<2"')) }, hosts({ memcached: '*', tmux: '*' })),
  )
  assert.is(error.code, 'DEPENDENCY')
  assert.is(
    error.message,
    'no version of libevent suits all who need it: tmux 1.0 wants <2 (recipes/tmux.yaml:3); ' +
      'memcached 1.6.18 wants >=2.0 (recipes/memcached.yaml:3); there are 2.1.12-stable, 2.1.8-stable, 1.4.14b-stable',
  )
})
choice('the host’s wish is named by its line in hosts.yaml', async () => {
  const error = await fault(select({ a: `${recipe()}${without('9.1')}` }, hosts({ a: '^9' })))
  assert.is(
    error.message,
    'no version of a suits all who need it: server1 wants ^9 (hosts.yaml:5); there are 9.1 (no checksum), 1.0',
  )
})
choice('a cycle is shown as a path with its places, before the host is touched', async () => {
  const recipes = {
    a: recipe(needs('b: "*"')),
    b: recipe(needs('c: {when: {os: SunOS}}')),
    c: recipe(needs('a: "*"')),
  }
  for (const facts of [FACTS, undefined]) {
    const error = await fault(select(recipes, hosts({ a: '*' }), { facts }))
    assert.is(error.code, 'DEPENDENCY')
    assert.match(error.message, /: a -> b -> c -> a; a needs b \(recipes\/a\.yaml:3:19\), b needs c/)
  }
})
choice('no cycle where the condition is known not to hold', async () => {
  const recipes = { a: recipe(needs('b: "*"')), b: recipe(needs('a: {when: {os: Linux}}')) }
  assert.is(names(await select(recipes, hosts({ a: '*' }))), 'b 1.0, a 1.0')
})
choice('versions that chase each other are an error that says how to end it', async () => {
  const error = await fault(
    select(
      {
        a: recipe('', { '2': own('b: "<2"'), '1': '' }),
        b: recipe('', { '2': '', '1': own('a: "<2"') }),
      },
      hosts({ a: '*', b: '*' }),
    ),
  )
  assert.is(error.code, 'DEPENDENCY')
  assert.match(error.message, /depend on each other's choice without end|need each other/)
})
choice.run()

const restricted = suite('resolve: --only')
const STACK = {
  web: recipe(needs('ssl: "*"')),
  db: recipe(needs('ssl: "<2"')),
  ssl: recipe('', { '2.0': '', '1.0': '' }),
}
restricted('what is named and what it needs; the versions are those of the whole host', async () => {
  const selections = await select(STACK, hosts({ web: '*', db: '*' }), { only: ['web'] })
  assert.is(names(selections), 'ssl 1.0, web 1.0')
})
restricted('a dependency of a listed recipe may be named', async () => {
  assert.is(names(await select(STACK, hosts({ web: '*', db: '*' }), { only: ['ssl'] })), 'ssl 1.0')
})
restricted('another recipe is refused, with the nearest', async () => {
  const error = await fault(select(STACK, hosts({ web: '*' }), { only: ['sll'] }))
  assert.is(error.code, 'USAGE')
  assert.is(error.message, 'server1 has no recipe "sll"; did you mean "ssl"?')
  const other = await fault(select(STACK, hosts({ web: '*' }), { only: ['database'] }))
  assert.is(other.message, 'server1 has no recipe "database"; server1 has: web, ssl')
})
restricted('what cannot be had for another recipe does not stop it', async () => {
  const stack = { ...STACK, other: recipe(needs('ssl2: ">=9"')), ssl2: recipe() }
  const wants = hosts({ web: '*', other: '*' })
  assert.is(names(await select(stack, wants, { only: ['web'] })), 'ssl 2.0, web 1.0')
  assert.match((await fault(select(stack, wants))).message, /no version of ssl2/)
})
restricted.run()

const specs = suite('resolve: how it is built')
const FULL = `
configure:
  - --a
  - {value: --sun, when: {os: SunOS}}
  - {value: --linux, when: {os: Linux}}
  - {value: --web, when: {role: web}}
env: {CFLAGS: -O2, LDFLAGS: {value: -m64, when: {machine: i86pc}}, GONE: {value: x, when: {os: Linux}}}
dependencies:
  always: "*"
  sun: {version: "^1", kind: run, when: {os: SunOS}}
  linux: {when: {os: Linux}}
services:
  one: {summary: x, command: [x], environment: {A: b, C: {value: d, when: {os: Linux}}}}
  two: {summary: x, command: [x], when: {supervisor: daemontools}}
files: [{path: etc/x, content: "\${prefix}", when: {os: SunOS}}, {path: etc/x, content: y, when: {os: Linux}}]
`
const RECIPES = {
  full: recipe(FULL, { '2.0': '    configure: [--new]\n    system: make\n    env: {}\n', '1.0': '' }),
  always: recipe(),
  sun: recipe(),
  linux: recipe(),
}
const WANTS = (version: string) => `
hosts:
  server1:
    address: x
    roles: [web]
    env: {CC: gcc, CFLAGS: -O0, X: host}
    recipes:
      full: {version: "${version}", configure: [--mine], env: {X: mine}}
`
specs('conditions are applied, the host’s wishes come last', async () => {
  const selections = await select(RECIPES, WANTS('1.0'))
  assert.is(names(selections), 'always 1.0, sun 1.0, full 1.0')
  const full = selections.at(-1)
  assert.equal(full?.dependencies, [
    { name: 'always', kind: 'link', range: '*' },
    { name: 'sun', kind: 'run', range: '^1' },
  ])
  const spec = full?.spec
  assert.equal(spec?.configure, ['--a', '--sun', '--web', '--mine'])
  assert.equal(spec?.env, { CC: 'gcc', CFLAGS: '-O2', X: 'mine', LDFLAGS: '-m64' })
  assert.equal(spec?.install, ['install'])
  assert.equal(Object.keys(spec?.services ?? {}), ['one'])
  assert.equal(spec?.services.one?.environment, { A: 'b' })
  assert.equal(spec?.files, [{ path: 'etc/x', content: '${prefix}', mode: '0644' }])
})
specs('a version’s value replaces the recipe’s', async () => {
  const spec = (await select(RECIPES, WANTS('2.0'))).at(-1)?.spec
  assert.equal(spec?.configure, ['--new', '--mine'])
  assert.equal(spec?.env, { CC: 'gcc', CFLAGS: '-O0', X: 'mine' })
  assert.is(spec?.system, 'make')
})
specs('before the probe, what depends on facts is left out', async () => {
  const selections = await select(RECIPES, WANTS('1.0'), { facts: undefined })
  assert.is(names(selections), 'always 1.0, full 1.0')
  assert.equal(selections.at(-1)?.spec.configure, ['--a', '--web', '--mine'])
})
specs('before the probe, a conditional range excludes nothing', async () => {
  const recipes = {
    a: recipe(needs('b: {version: ">=9", when: {os: Linux}}')),
    b: recipe(needs('c: "*"')),
    c: recipe(),
  }
  assert.is(names(await select(recipes, hosts({ a: '*' }), { facts: undefined })), 'a 1.0')
  assert.is(names(await select(recipes, hosts({ a: '*' }))), 'a 1.0')
  const linux = select(recipes, hosts({ a: '*' }), { facts: { ...FACTS, os: 'Linux' } })
  assert.match((await fault(linux)).message, /a 1\.0 wants >=9/)
})
specs('accounts of two recipes that contradict each other', async () => {
  const account = (fields: string) => recipe(`accounts: [{${fields}}]\n`)
  const wants = hosts({ a: '*', b: '*' })
  const clash = { a: account('name: www, uid: 80'), b: account('name: db, uid: 80') }
  const error = await fault(select(clash, wants))
  assert.is(error.message, 'db: uid 80 belongs to www already, by recipe a')
  assert.equal(error.context.location, { file: 'recipes/b.yaml', line: 3, column: 1 })
  const same = { a: account('name: www, uid: 80'), b: account('name: www') }
  assert.is(names(await select(same, wants)), 'a 1.0, b 1.0')
})
specs('services of two recipes that have one name', async () => {
  const service = recipe('services: {web: {summary: Web, command: [/bin/web]}}\n')
  const wants = hosts({ a: '*', b: '*' })
  const error = await fault(select({ a: service, b: service }, wants))
  assert.is(error.message, 'web: recipe a has a service of this name already')
  assert.equal([error.code, error.context.recipe], ['CONFIG', 'b 1.0'])
  assert.equal(error.context.location, { file: 'recipes/b.yaml', line: 3, column: 12 })
  // Of which one is not on this host.
  assert.is(names(await select({ a: service, b: service }, hosts({ b: '*' }))), 'b 1.0')
})
specs.run()

const large = suite('resolve: any stack')
large('every choice satisfies everybody, and is the newest that does', async () => {
  const VERSIONS = ['1.0', '1.5', '2.0', '3.0']
  const RANGES = ['*', '>=1.5', '<3', '^1', '^2', '>=1 <2.5']
  const edge = fc.record({
    to: fc.nat({ max: 8 }),
    range: fc.constantFrom(...RANGES),
    version: fc.nat({ max: 3 }),
  })
  const stacks = fc.array(fc.array(edge, { maxLength: 3 }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(stacks, async (rows) => {
      const recipes = rows.map((edges, i): [string, string] => {
        const versions = VERSIONS.map((version, v): [string, string] => {
          const mine = edges.filter((one) => one.version === v && one.to > i && one.to < rows.length)
          const map = new Map(mine.map(({ to, range }) => [`r${to}`, range]))
          return [version, own([...map].map(([name, range]) => `${name}: "${range}"`).join(', '))]
        })
        return [`r${i}`, recipe('', Object.fromEntries(versions))]
      })
      const selections = await select(Object.fromEntries(recipes), hosts({ r0: '*' })).catch((error) => {
        if (error instanceof BuildStackError && error.code === 'DEPENDENCY') return []
        throw error
      })
      const asked = new Map([['r0', ['*']]])
      for (const { dependencies } of selections) {
        for (const { name, range } of dependencies) asked.set(name, [...(asked.get(name) ?? []), range])
      }
      if (selections.length) assert.is(selections.length, asked.size)
      for (const { recipe: one, version } of selections) {
        const suitable = VERSIONS.filter((v) => asked.get(one.name)?.every((range) => satisfies(v, range)))
        assert.is(version, suitable.at(-1), `${one.name} of ${JSON.stringify(rows)}`)
      }
    }),
    { numRuns: 150 },
  )
})
large.run()
