import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandLines, tokenize } from '../../../../runner/sandbox/smf/commands/svccfg/lexer.ts'
import { makeWorld, manifest, type TestWorld } from '../world.ts'

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

const lexing = suite("svccfg's language")

lexing('words, strings and signs', () =>
  assert.equal(tokenize('setprop a/b = astring: ("x \\"y\\" z" w)\n# comment\n'), [
    { type: 'word', text: 'setprop' },
    { type: 'word', text: 'a/b' },
    { type: '=' },
    { type: 'word', text: 'astring:' },
    { type: '(' },
    { type: 'string', text: 'x "y" z' },
    { type: 'word', text: 'w' },
    { type: ')' },
    { type: 'newline' },
    { type: 'newline' },
  ]),
)

lexing('a list in parentheses goes over lines, and lines are counted', () => {
  const lines = commandLines('list\nsetprop a/b = (1\n2\n)\nend\n')
  assert.equal(
    lines.map((l) => [l.tokens.length, l.number]),
    [
      [1, 1],
      [7, 4],
      [1, 5],
    ],
  )
})

lexing.run()

const manifests = suite('svccfg: manifests')

manifests.before(async () => {
  world = await makeWorld()
})
manifests.after(() => world.close())

manifests('a good manifest is validated silently', async () => {
  world.write('/c.xml', manifest('application/c', { groups: config('1') }))
  assert.equal(await svccfg('validate', '/c.xml'), { code: 0, stdout: '', stderr: '' })
})

manifests('a missing stop method fails validate and is a warning at import', async () => {
  world.write('/nostop.xml', manifest('application/nostop').replace(/<exec_method[^>]*name="stop"[^>]*>/, ''))
  const validated = await svccfg('validate', '/nostop.xml')
  assert.is(validated.code, 1)
  assert.match(
    validated.stderr,
    /^Required property group missing: FMRI="svc:\/application\/nostop:default"; .*="stop"/,
  )
  assert.match(validated.stderr, /\nsvccfg: Validation failed\.\n$/)
  const imported = await svccfg('import', '/nostop.xml')
  assert.is(imported.code, 0)
  assert.match(imported.stderr, /^Warning: Required property group missing: /)
  const strict = await svccfg('import', '-V', '/nostop.xml')
  assert.is(strict.code, 1)
  assert.match(strict.stderr, 'svccfg: Import of /nostop.xml failed.\n')
})

manifests('a DTD violation is printed as libxml2 does, with the sentence of svccfg', async () => {
  world.write(
    '/order.xml',
    manifest('application/order').replace('<create_default', '<stability value="Stable"/><create_default'),
  )
  const { code, stderr } = await svccfg('import', '/order.xml')
  assert.is(code, 1)
  assert.match(
    stderr,
    /^\/order\.xml:4: element service: validity error : Element service content does not follow/,
  )
  assert.match(stderr, /\nsvccfg: Document is not valid\.\n$/)
})

manifests('validation can be switched off by the environment', async () => {
  const { code } = await world.run('svccfg', ['validate', '/order.xml'], { env: { SVCCFG_NOVALIDATE: '1' } })
  assert.is(code, 0)
})

for (const [args, stderr] of [
  [['import', '/missing.xml'], 'svccfg: Unable to stat file /missing.xml.  No such file or directory\n'],
  [['validate', '/missing.xml'], "svccfg: Pattern '/missing.xml' doesn't match any instances\n"],
  [['inventory', '/missing.xml'], 'svccfg: unable to open file: No such file or directory\n'],
  [['validate', '/with', 'blank.xml'], 'svccfg: Syntax error.\n'],
  [['validate', '/with(paren).xml'], 'svccfg: Syntax error.\n'],
  [['validate', '/with"quote.xml'], 'svccfg: unrecognized character "\n'],
  [['import'], 'svccfg: Syntax error.\n'],
  [['frobnicate', 'x'], 'svccfg: Unknown command "frobnicate".\n'],
] as const)
  manifests(`${args.join(' ')} is refused`, async () =>
    assert.equal(await svccfg(...args), { code: 1, stdout: '', stderr }),
  )

manifests('a new service is there when import returns, enabled as the manifest says', async () => {
  assert.is(
    (await importManifest('/new.xml', manifest('application/new', { duration: 'transient', enabled: true })))
      .code,
    0,
  )
  const { stdout } = await world.run('svcs', ['-H', '-o', 'state', 'new'])
  assert.match(stdout, /^(offline|online)/)
  await world.reaches('svc:/application/new:default', 'online')
})

manifests('-v tells the steps', async () => {
  const { stderr } = await svccfg('-v', 'import', '/c.xml')
  assert.is(
    stderr,
    `svccfg: Taking "last-import" snapshot for ${F}.\nsvccfg: Refreshed ${F}.\nsvccfg: Successful import.\n`,
  )
})

manifests('a re-import upgrades, keeps local changes and never touches enabled', async () => {
  await world.run('svcadm', ['enable', F])
  const upgraded = await importManifest('/c.xml', manifest('application/c', { groups: config('2') }))
  assert.equal(upgraded, { code: 0, stdout: '', stderr: '' })
  assert.is(await svcprop('config/p', F), '2')
  assert.is(await svcprop('general/enabled', F), 'true')
  await svccfg('-s', 'svc:/application/c', 'setprop', 'config/p', '=', 'mine')
  const conflicting = await importManifest('/c.xml', manifest('application/c', { groups: config('3') }))
  assert.equal(conflicting, {
    code: 0,
    stdout: '',
    stderr: 'svccfg: Conflict upgrading svc:/application/c (property "config/p" has different values).\n',
  })
  assert.is(await svcprop('config/p', F), 'mine')
})

manifests('a re-import takes effect in the running snapshot and restarts nothing', async () => {
  const changed = manifest('application/new', { start: '/bin/true', duration: 'transient' })
  await importManifest('/new.xml', changed)
  const { stdout } = await world.run('svcprop', ['-p', 'start/exec', 'new'])
  assert.is(stdout, '/bin/true\n')
  assert.not.match(world.log('svc:/application/new:default'), 'Stopping')
})

manifests('inventory lists instances, then services', async () => {
  const { stdout } = await svccfg('inventory', '/c.xml')
  assert.is(stdout, `${F}\nsvc:/application/c\n`)
})

manifests('several files and folders are imported; one that fails does not keep the others', async () => {
  world.write('/many/a.xml', manifest('application/many-a'))
  world.write('/many/b.xml', '<broken')
  world.write('/many/c.xml', manifest('application/many-c'))
  world.write('/many/readme.txt', 'no manifest')
  const { code, stderr } = await svccfg('import', '/many')
  assert.is(code, 1)
  assert.match(stderr, "svccfg: couldn't parse document\n")
  for (const name of ['many-a', 'many-c']) assert.is((await world.run('svcs', ['-H', name])).code, 0)
})

manifests('what is exported can be imported again', async () => {
  const rich = manifest('application/rich', {
    context: `<method_context working_directory="/"><method_credential user="nobody" group="nogroup"/>
      <method_environment><envvar name="A" value="&lt;it's&gt; &amp; &quot;more&quot;"/></method_environment></method_context>`,
    dependencies: `<dependency name="net" grouping="require_all" restart_on="error" type="service">
        <service_fmri value="svc:/milestone/network:default"/></dependency>
      <dependent name="rich_hook" grouping="optional_all" restart_on="refresh"><service_fmri value="svc:/milestone/multi-user"/></dependent>`,
    groups: `<property_group name="config" type="application"><property name="l" type="astring"><astring_list>
      <value_node value="a b"/><value_node value=""/></astring_list></property></property_group>`,
    template:
      '<template><common_name><loctext xml:lang="C">Rich &amp; famous</loctext></common_name></template>',
    refresh: ':true',
  })
  assert.is((await importManifest('/rich.xml', rich)).code, 0)
  const list = async () => {
    const { stdout } = await svccfg('-s', 'svc:/application/rich', 'listprop')
    return stdout
      .split('\n')
      .filter((l) => !l.startsWith('manifestfiles'))
      .map((l) => l.replace(/ +/g, ' '))
      .sort()
  }
  const before = await list()
  assert.is((await svccfg('export', 'svc:/application/rich', '>', '/exported.xml')).code, 0)
  await svccfg('delete', 'svc:/application/rich')
  const again = await svccfg('import', '/exported.xml')
  assert.equal(again, { code: 0, stdout: '', stderr: '' })
  assert.equal(await list(), before)
  assert.match(
    readFileSync(world.path('/exported.xml'), 'utf8'),
    "grouping='optional_all' restart_on='refresh'",
  )
})

manifests.run()

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
