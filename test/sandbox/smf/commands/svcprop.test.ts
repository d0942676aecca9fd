import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeWorld, manifest, type TestWorld } from '../world.ts'

let world: TestWorld
const svcprop = (...args: string[]) => world.run('svcprop', args)
const F = 'svc:/application/p:default'

const properties = suite('svcprop')

properties.before(async () => {
  world = await makeWorld()
  const groups = `<property_group name="config" type="application">
    <propval name="text" type="astring" value="it's $(x) &quot;y&quot;"/>
    <propval name="empty" type="astring" value=""/>
    <property name="ports" type="count"><count_list><value_node value="80"/><value_node value="443"/></count_list></property>
  </property_group>`
  world.write('/p.xml', manifest('application/p', { groups, duration: 'transient' }))
  await world.run('svccfg', ['import', '/p.xml'])
})
properties.after(() => world.close())

for (const [args, stdout] of [
  [['-p', 'config/text', F], 'it\\\'s\\ $\\(x\\)\\ \\"y\\"\n'],
  [['-p', 'config/empty', F], '""\n'],
  [['-p', 'config/ports', F], '80 443\n'],
  [['-t', '-p', 'config/ports', F], 'config/ports count 80 443\n'],
  [['-f', '-p', 'config/ports', F], `svc:/application/p:default/:properties/config/ports count 80 443\n`],
  [['-q', '-p', 'config/ports', F], ''],
  [['-p', 'startd', F], 'startd/duration astring transient\n'],
  [['-p', 'general/enabled', F], 'false\n'],
  [['svc:/application/p/:properties/config/ports'], '80 443\n'],
  [['-p', 'config/ports', 'svc:/application/p'], '80 443\n'],
] as const)
  properties(args.join(' '), async () =>
    assert.equal(await svcprop(...args), { code: 0, stdout, stderr: '' }),
  )

for (const [args, code, stderr] of [
  [['-p', 'nothing/x', F], 1, `svcprop: Couldn't find property group \`nothing' for instance \`${F}'.\n`],
  [['-p', 'config/x', F], 1, `svcprop: Couldn't find property \`config/x' for instance \`${F}'.\n`],
  [
    ['-C', '-p', 'config/text', F],
    1,
    `svcprop: Couldn't find property group \`config' for instance \`${F}'.\n`,
  ],
  [['-q', '-p', 'config/x', F], 1, ''],
  [['-p', 'config/x', 'nobody'], 1, "svcprop: Pattern 'nobody' doesn't match any entities\n"],
  [['-s', 'running', 'svc:/application/p'], 1, 'svcprop: Only instances have snapshots.\n'],
  [['-s', 'never', F], 1, 'svcprop: No such snapshot.\n'],
] as const)
  properties(`${args.join(' ')} fails`, async () =>
    assert.equal(await svcprop(...args), { code, stdout: '', stderr }),
  )

properties('wrong use is status 2', async () => {
  for (const args of [[], ['-c', '-C', F], ['-y'], ['-p', 'a/b/c', F]])
    assert.is((await svcprop(...args)).code, 2)
})

properties('by default the running snapshot is shown: an edit counts after a refresh', async () => {
  await world.run('svccfg', ['-s', F, 'addpg', 'new', 'application'])
  await world.run('svccfg', ['-s', F, 'setprop', 'new/x', '=', 'count:', '1'])
  assert.is((await svcprop('-p', 'new/x', F)).code, 1)
  assert.is((await svcprop('-c', '-p', 'new/x', F)).stdout, '1\n')
  await world.run('svcadm', ['refresh', F])
  assert.is((await svcprop('-p', 'new/x', F)).stdout, '1\n')
})

properties('enabled, too, is shown as at the last refresh; -c shows what counts', async () => {
  await world.run('svcadm', ['enable', '-s', F])
  assert.is((await svcprop('-p', 'general/enabled', F)).stdout, 'false\n')
  assert.is((await svcprop('-c', '-p', 'general/enabled', F)).stdout, 'true\n')
  await world.run('svcadm', ['refresh', F])
  assert.is((await svcprop('-p', 'general/enabled', F)).stdout, 'true\n')
  await world.run('svcadm', ['disable', '-s', F])
})

properties('-w waits for a change of the group', async () => {
  const waiting = svcprop('-w', '-p', 'restarter/state', F)
  await new Promise((r) => setTimeout(r, 200))
  await world.run('svcadm', ['enable', F])
  assert.match((await waiting).stdout, /^(offline|online)\n$/)
  await world.run('svcadm', ['disable', '-s', F])
})

properties('several entities are told apart by their FMRIs', async () => {
  const { stdout } = await svcprop('-p', 'general/enabled', 'svc:/system/identity:*')
  assert.equal(stdout.trim().split('\n').sort(), [
    'svc:/system/identity:domain/:properties/general/enabled boolean true',
    'svc:/system/identity:node/:properties/general/enabled boolean true',
  ])
})

properties.run()
