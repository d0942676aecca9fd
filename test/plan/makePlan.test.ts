import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isPending } from '../../runner/plan/makePlan.ts'
import type { Facts } from '../../runner/probe/facts.ts'
import { hosts, recipe } from '../config/project.ts'
import { buildOf, builtFrom, type Files, installed, lines, planOf, sampleFacts } from './planned.ts'

const test = suite('plan/makePlan')

const SERVICE = 'services: { tool: { summary: t, command: [/bin/tool], environment: { A: "1", B: "2" } } }\n'
const FILE = 'files: [{ path: etc/tool.conf, content: "port 1\\n" }]\n'

/** tool needs lib, and has everything that a recipe can have. */
function files(tool = SERVICE + FILE, lib = '', more: Files = {}): Files {
  return {
    'hosts.yaml': hosts({ tool: '1.0' }),
    'recipes/tool.yaml': recipe(`dependencies: { lib: "*" }\n${tool}`),
    'recipes/lib.yaml': recipe(lib),
    ...more,
  }
}

/** The plan for `after` on a host that has `before`. */
async function change(before: Files, after: Files): Promise<string[]> {
  return lines(planOf(await builtFrom(after), installed(await builtFrom(before))))
}

test('installs what is not there, dependencies first', async () => {
  const plan = planOf(await builtFrom(files()))
  assert.equal(lines(plan), ['install lib 1.0: not installed', 'install tool 1.0: not installed'])
  assert.equal(plan.actions[1]?.steps, ['install tool'])
  assert.ok(isPending(plan))
  assert.is(plan.platform, 'SunOS 5.11 i86pc')
})

test('keeps what is there as wanted, with no steps', async () => {
  const builds = await builtFrom(files())
  const plan = planOf(builds, installed(builds))
  assert.equal(lines(plan), ['keep lib 1.0', 'keep tool 1.0'])
  assert.equal(
    plan.actions.flatMap(({ steps, changes }) => [...steps, ...changes]),
    [],
  )
  assert.not(isPending(plan))
})

for (const [what, before, after, says] of [
  ['a flag', files(), files(`${SERVICE}${FILE}configure: [--x]\n`), 'rebuild tool 1.0: configure changed'],
  [
    'a variable more',
    files(),
    files(`${SERVICE}${FILE}env: { CFLAGS: -O2 }\n`),
    'rebuild tool 1.0: env CFLAGS added',
  ],
  [
    'a variable less',
    files(`${SERVICE}${FILE}env: { CFLAGS: -O2 }\n`),
    files(),
    'rebuild tool 1.0: env CFLAGS removed',
  ],
  [
    'another variable',
    files('env: { CFLAGS: -O2 }\n'),
    files('env: { CFLAGS: -O3 }\n'),
    'rebuild tool 1.0: env CFLAGS changed',
  ],
  ['arguments of make', files(''), files('make: [V=1]\n'), 'rebuild tool 1.0: make changed'],
  [
    'a configuration file',
    files(),
    files(SERVICE + FILE.replace('port 1', 'port 2')),
    'update tool 1.0: configuration file /opt/local/etc/tool.conf changed',
  ],
  [
    'a file’s mode',
    files(),
    files(SERVICE + FILE.replace('etc/tool.conf', 'etc/tool.conf, mode: "0600"')),
    'update tool 1.0: configuration file /opt/local/etc/tool.conf changed',
  ],
  [
    'a file more',
    files(SERVICE),
    files(),
    'update tool 1.0: configuration file /opt/local/etc/tool.conf added',
  ],
  [
    'a file less',
    files(),
    files(SERVICE),
    'update tool 1.0: configuration file /opt/local/etc/tool.conf removed',
  ],
  [
    'a service',
    files(),
    files(SERVICE.replace('/bin/tool', '/bin/tool2') + FILE),
    'update tool 1.0: service tool changed (nothing is compiled for it)',
  ],
  [
    'a service more',
    files(FILE),
    files(),
    'update tool 1.0: service tool added (nothing is compiled for it)',
  ],
  [
    'a service less',
    files(),
    files(FILE),
    'update tool 1.0: service tool removed (nothing is compiled for it)',
  ],
  [
    'an account',
    files(),
    files(`${SERVICE}${FILE}accounts: [{ name: tool }]\n`),
    'update tool 1.0: account tool added',
  ],
  [
    'a setup',
    files(),
    files(`${SERVICE}${FILE}setup: [{ title: make db, command: [mkdb], creates: var/db }]\n`),
    'update tool 1.0: setup make db added',
  ],
] as const) {
  test(`a change of ${what}`, async () => {
    assert.equal(await change(before, after), ['keep lib 1.0', says])
  })
}

test('versions go up and down, in their own order', async () => {
  const at = (version: string): Files => ({
    'hosts.yaml': hosts({ tool: version }),
    'recipes/tool.yaml': recipe('', { '0.9.7m': '', '0.9.7l': '', '0.9.10': '' }),
  })
  assert.equal(await change(at('0.9.7l'), at('0.9.7m')), ['upgrade tool 0.9.7m: version 0.9.7l -> 0.9.7m'])
  assert.equal(await change(at('0.9.10'), at('0.9.7m')), ['downgrade tool 0.9.7m: version 0.9.10 -> 0.9.7m'])
})

test('a patch: added, changed, in another order', async () => {
  const patches = (list: string, content = 'x'): Files => ({
    'hosts.yaml': hosts({ tool: '1.0' }),
    'recipes/tool.yaml': recipe(`patches: [${list}]\n`),
    'patches/tool/a.patch': content,
    'patches/tool/b.patch': 'b',
  })
  const [a, b] = ['{ file: tool/a.patch }', '{ file: tool/b.patch }']
  assert.equal(await change(patches(''), patches(a)), ['rebuild tool 1.0: patch tool/a.patch added'])
  assert.equal(await change(patches(a), patches(a, 'y')), ['rebuild tool 1.0: patch tool/a.patch changed'])
  assert.equal(await change(patches(`${a}, ${b}`), patches(`${b}, ${a}`)), [
    'rebuild tool 1.0: patch tool/b.patch changed; patch tool/a.patch changed',
  ])
  assert.equal(await change(patches(`${a}`), patches('{ file: tool/a.patch, fuzz: 1 }')), [
    'rebuild tool 1.0: patch tool/a.patch changed',
  ])
})

test('the platform and the prefix', async () => {
  const builds = await builtFrom(files())
  const facts = installed(builds)
  const newer = sampleFacts({ release: '5.12' })
  assert.match(
    lines(planOf(await builtFrom(files(), newer), facts))[0] ?? '',
    'rebuild lib 1.0: platform SunOS 5.11 i86pc -> SunOS 5.12 i86pc',
  )
  const linux = sampleFacts({ os: 'Linux', release: '6.1' })
  const onLinux = installed(await builtFrom(files(), linux), linux)
  const newKernel = sampleFacts({ os: 'Linux', release: '6.12' })
  assert.equal(lines(planOf(await builtFrom(files(), newKernel), onLinux)), ['keep lib 1.0', 'keep tool 1.0'])
  const moved = { ...files(), 'hosts.yaml': `defaults: { prefix: /opt/stack }\n${hosts({ tool: '1.0' })}` }
  assert.match((await change(files(), moved))[0] ?? '', 'rebuild lib 1.0: prefix /opt/local -> /opt/stack')
})

test('a checksum, also of an alternative that is all there is', async () => {
  const source = (text: string): Files => ({
    'hosts.yaml': hosts({ tool: '1.0' }),
    'recipes/tool.yaml': `summary: x\nsystem: autotools\nversions:\n  "1.0":\n    source: { url: https://x.invalid/x-1.0.tgz${text} }\n`,
  })
  const one = `, sha256: ${'e'.repeat(64)}`
  const two = `, sha256: ${'f'.repeat(64)}`
  const other = (sum: string) => `, alternatives: [{ debian: xx, file: x.tar.xz${sum} }]`
  assert.equal(await change(source(one), source(two)), ['rebuild tool 1.0: checksum of the source changed'])
  assert.equal(await change(source(other(one)), source(other(two))), [
    'rebuild tool 1.0: checksum of the source changed',
  ])
  // Another place for the same archive is no change.
  assert.equal(await change(source(one), source(one + other(''))), ['keep tool 1.0'])
})

test('what a library does to what is linked to it', async () => {
  const before = await builtFrom(files())
  const after = await builtFrom(files(undefined, 'configure: [--new]\n'))
  const links = {
    lib: { needs: {}, provides: ['lib.so.1'] },
    tool: { needs: { 'lib.so.1': 'lib' }, provides: [] },
  }
  assert.equal(lines(planOf(after, installed(before, undefined, links))), [
    'rebuild lib 1.0: configure changed',
    'relink tool 1.0: lib is built anew: only if lib.so.1 is gone then',
  ])
  const gone = installed(before, undefined, { ...links, lib: { needs: {}, provides: ['lib.so.2'] } })
  assert.equal(lines(planOf(before, gone)), [
    'keep lib 1.0',
    'relink tool 1.0: lib is built anew: lib.so.1 is gone',
  ])
})

test('a service that somebody deleted comes back', async () => {
  const builds = await builtFrom(files())
  const facts = { ...installed(builds), services: [] }
  assert.equal(lines(planOf(builds, facts)), [
    'keep lib 1.0',
    'update tool 1.0: svc:/application/build-stack/tool:default is not there any more',
  ])
})

test('a supervisor that does not answer is no sign of a deleted service', async () => {
  const builds = await builtFrom(files())
  const facts = { ...installed(builds), services: [], servicesUnknown: 'svcs: no' }
  assert.equal(lines(planOf(builds, facts)), ['keep lib 1.0', 'keep tool 1.0'])
})

const missing = (component: string, path: string) => ({ component, what: 'missing' as const, path })

test('recorded files that are gone or changed: a repair, in the smallest way that is enough', async () => {
  const builds = await builtFrom(files())
  const facts = installed(builds)
  const plan = (damage: Facts['damage']) => lines(planOf(builds, { ...facts, damage }))
  // What is linked to it has the same library again.
  assert.equal(
    plan([
      missing('lib', 'lib/a'),
      missing('lib', 'lib/b'),
      { component: 'lib', what: 'size', path: 'lib/c' },
    ]),
    [
      'repair lib 1.0: 2 recorded files are missing: lib/a, lib/b; 1 recorded file was changed: lib/c (size)',
      'keep tool 1.0',
    ],
  )
  assert.equal(plan([missing('tool.services', 'svc/tool.xml')]), [
    'keep lib 1.0',
    'update tool 1.0: 1 recorded file is missing: svc/tool.xml',
  ])
  assert.equal(plan([{ component: 'tool', what: 'configuration', path: '/opt/local/etc/tool.conf' }]), [
    'keep lib 1.0',
    'update tool 1.0: 1 configuration file is missing: /opt/local/etc/tool.conf',
  ])
  assert.equal(plan([missing('other', 'bin/other')]), ['keep lib 1.0', 'keep tool 1.0'])
  const many = ['a', 'b', 'c', 'd', 'e'].map((name) => missing('tool', name))
  assert.match(plan(many)[1] ?? '', /5 recorded files are missing: a, b, c and 2 more$/)
})

test('an interrupted switch is a reason to install it as a whole', async () => {
  const builds = await builtFrom(files())
  assert.equal(lines(planOf(builds, { ...installed(builds), journals: ['tool.services'] })), [
    'keep lib 1.0',
    'repair tool 1.0: its switch was interrupted',
  ])
})

test('a damaged receipt is said to be one', async () => {
  const builds = await builtFrom(files())
  const { receipts, ...facts } = installed(builds)
  const { tool: _, ...others } = receipts
  const plan = planOf(builds, { ...facts, receipts: others, damagedReceipts: { tool: 'not valid JSON' } })
  assert.equal(lines(plan), ['keep lib 1.0', 'install tool 1.0: its receipt is damaged: not valid JSON'])
})

test('a receipt of what is not wanted here is left alone', async () => {
  const facts = installed(await builtFrom(files()))
  assert.equal(lines(planOf([], facts)), [])
})

/** A YAML map of these entries, in the order of `order`. */
const shuffled = (entries: string[], order: number[]) => order.map((i) => entries[i]).join(', ')

test('the order of keys makes no difference, the order of lists does', async () => {
  const env = ['A: "1"', 'B: "2"', 'C: "3"']
  const service = ['summary: s', 'command: [/bin/t]', 'ready: { port: 1, address: "::1" }', 'user: u']
  const file = ['path: etc/x', 'content: c', 'mode: "0600"']
  const build = (a: number[], b: number[], c: number[]) =>
    buildOf('tool', {
      'hosts.yaml': hosts({ tool: '1.0' }),
      'recipes/tool.yaml': recipe(
        `env: { ${shuffled(env, a)} }\nfiles: [{ ${shuffled(file, c)} }]\n` +
          `services: { t: { ${shuffled(service, b)}, environment: { ${shuffled(env, a)} } } }\n`,
      ),
    })
  const first = await build([0, 1, 2], [0, 1, 2, 3], [0, 1, 2])
  const order = (length: number) => fc.shuffledSubarray([...Array(length).keys()], { minLength: length })
  await fc.assert(
    fc.asyncProperty(order(3), order(4), order(3), async (a, b, c) => {
      const { inputs, fingerprint } = await build(a, b, c)
      assert.equal({ inputs, fingerprint }, { inputs: first.inputs, fingerprint: first.fingerprint })
    }),
    { numRuns: 15 },
  )
  assert.equal(await change(files('configure: [--a, --b]\n'), files('configure: [--b, --a]\n')), [
    'keep lib 1.0',
    'rebuild tool 1.0: configure changed',
  ])
})

const word = fc.constantFrom('--a', '--b=c d', "it's", '$(x)', 'ö')
const someRecipe = fc
  .record({
    configure: fc.array(word, { maxLength: 3 }),
    env: fc.dictionary(fc.constantFrom('A', 'B', 'C'), word, { maxKeys: 3 }),
    content: fc.option(word),
    service: fc.option(word),
    account: fc.boolean(),
  })
  .map(({ configure, env, content, service, account }) => {
    const parts = {
      configure,
      env,
      ...(content !== null && { files: [{ path: 'etc/x', content }] }),
      ...(service !== null && { services: { x: { summary: 'x', command: ['/bin/x', service] } } }),
      ...(account && { accounts: [{ name: 'x' }] }),
    }
    return recipe(
      Object.entries(parts)
        .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
        .join(''),
    )
  })

test('laws: the same gives the same; what was applied is kept; a difference is pending, and says why', async () => {
  await fc.assert(
    fc.asyncProperty(someRecipe, someRecipe, async (before, after) => {
      const of = (text: string) =>
        builtFrom({ 'hosts.yaml': hosts({ tool: '1.0' }), 'recipes/tool.yaml': text })
      const [first, second] = [await of(before), await of(after)]
      const facts = installed(first)
      assert.equal(planOf(await of(before)), planOf(first))
      assert.is(isPending(planOf(first, facts)), false)
      const plan = planOf(second, facts)
      const [action] = plan.actions
      assert.equal(planOf(second, facts), plan)
      assert.is(isPending(plan), before !== after && JSON.stringify(first) !== JSON.stringify(second))
      assert.is(action?.reasons.length, action?.changes.length)
      assert.is(action?.kind === 'rebuild', first[0]?.fingerprint !== second[0]?.fingerprint)
      assert.is(isPending(planOf(second, installed(second))), false)
    }),
    { numRuns: 60 },
  )
})

test.run()
