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
