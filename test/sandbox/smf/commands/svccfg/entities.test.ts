import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeWorld, manifest, type TestWorld } from '../../world.ts'

let world: TestWorld
const svccfg = (...args: string[]) => world.run('svccfg', args)
const svcprop = async (name: string, fmri: string) =>
  (await world.run('svcprop', ['-c', '-p', name, fmri])).stdout.trim()
const F = 'svc:/application/c:default'

const config = (value: string) =>
  `<property_group name="config" type="application"><propval name="p" type="astring" value="${value}"/></property_group>`

async function importManifest(file: string, text: string) {
  world.write(file, text)
  return svccfg('import', file)
}

const entities = suite('svccfg: entities and properties')

entities.before(async () => {
  world = await makeWorld()
  await importManifest(
    '/c.xml',
    manifest('application/c', {
      groups: config('1'),
      start: `/bin/sh -c 'sleep 1000 & exit 0'`,
      stop: ':kill -KILL',
    }),
  )
})
entities.after(() => world.close())

entities('setprop takes values, lists and types', async () => {
  for (const [words, listed] of [
    [['setprop', 'config/n', '=', 'count:', '5'], 'config/n  count    5\n'],
    [['setprop', 'config/s', '=', 'astring:', '"two words"'], 'config/s  astring  "two words"\n'],
    [['setprop', 'config/l', '=', 'astring:', '("a" "b c")'], 'config/l  astring  "a" "b c"\n'],
    [['setprop', 'config/n', '=', '6'], 'config/n  count    6\n'],
  ] as const) {
    const { code, stderr } = await svccfg('-s', 'svc:/application/c', ...words)
    assert.is(code, 0, stderr)
    assert.is((await svccfg('-s', 'svc:/application/c', 'listprop', words[1])).stdout, listed)
  }
})

for (const [words, stderr] of [
  [['setprop', 'nopg/x', '=', 'count:', '1'], 'No such property group "nopg".'],
  [['setprop', 'config/x', '=', '1'], 'Type required for new properties.'],
  [['setprop', 'config/x', '=', 'number:', '1'], 'Unknown type "number".'],
  [['setprop', 'config/x', '=', 'count:', 'one'], 'Invalid "count" value "one".'],
  [['setprop', 'config/x', '=', 'astring:', 'two', 'words'], 'Syntax error.'],
  [
    ['setprop', 'config/x', '=', 'astring:', '(a', 'b)'],
    "Multiple string values or string values with spaces must be quoted with '\"'.",
  ],
  [['setprop', 'config', '=', '1'], "Property names must contain a `/'."],
  [['delprop', 'config/none'], 'No such property config/none.'],
  [['delpg', 'none'], 'No such property group "none".'],
  [['addpg', 'config', 'application'], 'Property group already exists.'],
  [['refresh'], 'Instance not selected.'],
] as const)
  entities(`${words.join(' ')} is refused`, async () =>
    assert.equal(await svccfg('-s', 'svc:/application/c', ...words), {
      code: 1,
      stdout: '',
      stderr: `svccfg: ${stderr}\n`,
    }),
  )

entities('without a selection there is nothing to edit', async () =>
  assert.is((await svccfg('listprop')).stderr, 'svccfg: An entity is not selected.\n'),
)

entities('a selection that matches nothing ends it', async () =>
  assert.is(
    (await svccfg('-s', 'svc:/none', 'listprop')).stderr,
    "svccfg: Pattern 'svc:/none' doesn't match any instances or services\n",
  ),
)

entities('values can be added and removed one by one', async () => {
  const edit = (...args: string[]) => svccfg('-s', F, ...args)
  await edit('addpg', 'v', 'application')
  await edit('addpropvalue', 'v/list', 'astring:', '"a b"')
  await edit('addpropvalue', 'v/list', 'c')
  assert.is((await edit('listprop', 'v/list')).stdout, 'v/list  astring  "a b" "c"\n')
  await edit('delpropvalue', 'v/list', '"a*"')
  assert.is((await edit('listprop', 'v/list')).stdout, 'v/list  astring  c\n')
  await edit('delpg', 'v')
  assert.is((await edit('listpg', 'v')).stdout, '')
})

entities('setenv and unsetenv edit the environment of the start method', async () => {
  await svccfg('-s', F, 'setenv', 'A', '"1 2"')
  assert.is(await svcprop('start/environment', F), 'A=1\\ 2')
  assert.is((await svccfg('-s', F, 'setenv', 'SMF_A', '1')).code, 1)
  await svccfg('-s', F, 'unsetenv', 'A')
  assert.is(await svcprop('start/environment', F), '')
})

entities('a script stops at its first error and says where', async () => {
  const script = 'select application/c\naddpg one application\naddpg one application\naddpg two application\n'
  const { code, stderr } = await world.run('svccfg', ['-f', '-'], { stdin: script })
  assert.is(code, 1)
  assert.is(stderr, 'svccfg (<stdin>, line 3): Property group already exists.\n')
  assert.is((await svccfg('-s', 'application/c', 'listpg', 'two')).stdout, '')
  world.write('/script', 'select application/c\ndelpg one\n')
  assert.is((await svccfg('-f', '/script')).code, 0)
})

entities('snapshots are listed, and a revert brings one back', async () => {
  assert.match((await svccfg('-s', F, 'listsnap')).stdout, /^initial\nlast-import\nrunning\n$/)
  await svccfg('-s', 'svc:/application/c', 'setprop', 'config/p', '=', 'changed')
  await svccfg('-s', F, 'revert', 'running')
  assert.is(await svcprop('config/p', F), '1')
})

entities('a running instance is deleted only with -f, and its processes end', async () => {
  await world.run('svcadm', ['enable', '-s', F])
  const { stdout } = await world.run('svcs', ['-pH', F])
  const pid = Number(/ (\d+) sleep/.exec(stdout)?.[1])
  const refused = await svccfg('delete', F)
  assert.equal(refused, {
    code: 1,
    stdout: '',
    stderr: `svccfg: Instance ${F} may be running.  Use delete -f if it is not.\n`,
  })
  assert.is((await svccfg('delete', '-f', F)).code, 0)
  assert.is((await world.run('svcs', [F])).code, 1)
  for (const end = Date.now() + 3000; Date.now() < end; await new Promise((r) => setTimeout(r, 20)))
    if (!isAlive(pid)) break
  assert.not.ok(isAlive(pid))
  assert.is(
    (await svccfg('delete', F)).stderr,
    `svccfg: Pattern '${F}' doesn't match any instances or services\n`,
  )
})

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
  } catch {
    return false
  }
}

entities('wrong options are usage, status 2', async () => {
  const { code, stderr } = await svccfg('-y')
  assert.is(code, 2)
  assert.match(stderr, /^Usage:\tsvccfg /)
})

entities.run()
