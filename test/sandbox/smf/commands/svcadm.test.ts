import { setTimeout as pause } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeWorld, manifest, type TestWorld } from '../world.ts'

let world: TestWorld
const svcadm = (...args: string[]) => world.run('svcadm', args)
const state = async (fmri: string) => (await world.run('svcs', ['-H', '-o', 'state', fmri])).stdout.trim()
const property = async (name: string, fmri: string) =>
  (await world.run('svcprop', ['-c', '-p', name, fmri])).stdout.trim()
const F = 'svc:/application/daemon:default'
const BAD = 'svc:/application/bad:default'

const commands = suite('svcadm')

commands.before(async () => {
  world = await makeWorld()
  const start = `/bin/sh -c 'sleep 1000 & exit 0'`
  world.write(
    '/daemon.xml',
    manifest('application/daemon', { start, stop: ':kill -KILL', refresh: ':kill -CONT' }),
  )
  world.write('/bad.xml', manifest('application/bad', { start: `/bin/sh -c 'exit 1'` }))
  for (const name of ['daemon', 'bad']) await world.run('svccfg', ['import', `/${name}.xml`])
})
commands.after(() => world.close())

commands('enable -s waits until it is online, disable -s until it is disabled', async () => {
  assert.equal(await svcadm('enable', '-s', F), { code: 0, stdout: '', stderr: '' })
  assert.is(await state(F), 'online')
  assert.equal(await svcadm('disable', '-s', F), { code: 0, stdout: '', stderr: '' })
  assert.is(await state(F), 'disabled')
})

commands('enable -s of what ends in maintenance is status 3', async () => {
  const result = await svcadm('enable', '-s', BAD)
  assert.equal(result, {
    code: 3,
    stdout: '',
    stderr: `svcadm: Instance "${BAD}" is in maintenance state.\n`,
  })
})

commands('enable -s of what somebody disables meanwhile is status 3', async () => {
  const fmri = 'svc:/application/endless:default'
  world.write('/endless.xml', manifest('application/endless', { start: '/bin/sleep 1000', timeout: 600 }))
  await world.run('svccfg', ['import', '/endless.xml'])
  const waiting = svcadm('enable', '-s', fmri)
  for (const end = Date.now() + 8000; Date.now() < end && !world.log(fmri).includes('Executing start'); )
    await pause(20)
  await svcadm('disable', fmri)
  assert.equal(await waiting, {
    code: 3,
    stdout: '',
    stderr: `svcadm: Instance "${fmri}" has been disabled by another entity.\n`,
  })
})

commands('enable of an instance in maintenance changes nothing, clear starts it anew', async () => {
  assert.is((await svcadm('enable', BAD)).code, 0)
  assert.is(await state(BAD), 'maintenance')
  assert.is((await svcadm('clear', BAD)).code, 0)
  await world.reaches(BAD, 'maintenance')
  assert.match(world.log(BAD), 'Leaving maintenance because clear requested.')
})

commands('disable works from maintenance too', async () => {
  assert.is((await svcadm('disable', '-s', BAD)).code, 0)
  assert.is(await state(BAD), 'disabled')
  assert.match(world.log(BAD), 'Leaving maintenance because disable requested.')
})

commands('clear outside maintenance is an error', async () =>
  assert.equal(await svcadm('clear', F), {
    code: 1,
    stdout: '',
    stderr: `svcadm: Instance "${F}" is not in a maintenance or degraded state.\n`,
  }),
)

commands('restart and refresh of what does not run are silent', async () => {
  for (const action of ['restart', 'refresh'])
    assert.equal(await svcadm(action, F), { code: 0, stdout: '', stderr: '' })
  assert.is(await state(F), 'disabled')
})

commands('restart stops and starts; a refresh runs its method and changes no state', async () => {
  await svcadm('enable', '-s', F)
  const before = await property('restarter/start_method_timestamp', F)
  await svcadm('restart', F)
  for (const end = Date.now() + 5000; Date.now() < end; )
    if ((await property('restarter/start_method_timestamp', F)) !== before) break
  await world.reaches(F, 'online')
  assert.is.not(await property('restarter/start_method_timestamp', F), before)
  await svcadm('refresh', F)
  await world.reaches(F, 'online')
  assert.match(world.log(F), /Rereading configuration\. \]\n.*Executing refresh method \(:kill\)\./)
  await svcadm('disable', '-s', F)
})

commands('-t leaves the permanent setting alone', async () => {
  await svcadm('enable', '-st', F)
  assert.is(await property('general/enabled', F), 'false')
  assert.is(await property('general_ovr/enabled', F), 'true')
  await svcadm('disable', '-s', F)
  assert.is((await world.run('svcprop', ['-p', 'general_ovr/enabled', F])).code, 1)
})

commands('-v tells what was asked for', async () => {
  assert.is((await svcadm('-v', 'enable', F)).stdout, `${F} enabled.\n`)
  assert.is((await svcadm('-v', 'restart', F)).stdout, `Action restart set for ${F}.\n`)
  assert.is((await svcadm('-v', 'disable', '-t', F)).stdout, `${F} temporarily disabled.\n`)
  assert.is((await svcadm('-v', 'disable', F)).stdout, `${F} disabled.\n`)
})

commands('mark maintenance stops it; mark degraded needs it online', async () => {
  assert.equal(await svcadm('mark', 'degraded', F), {
    code: 1,
    stdout: '',
    stderr: `svcadm: Instance "${F}" is not online.\n`,
  })
  await svcadm('enable', '-s', F)
  await svcadm('mark', 'degraded', F)
  await world.reaches(F, 'degraded')
  await svcadm('clear', F)
  await world.reaches(F, 'online')
  await svcadm('mark', 'maintenance', F)
  await world.reaches(F, 'maintenance')
  assert.match(
    (await world.run('svcs', ['-x', F])).stdout,
    'Reason: Maintenance requested by an administrator.\n',
  )
  await svcadm('clear', F)
  await world.reaches(F, 'online')
  await svcadm('disable', '-s', F)
})

commands('what matches nothing is an error; the other operands are still acted on', async () => {
  const { code, stderr } = await svcadm('enable', 'nothing', F)
  assert.is(code, 1)
  assert.is(stderr, "svcadm: Pattern 'nothing' doesn't match any instances\n")
  await world.reaches(F, 'online')
  await svcadm('disable', '-s', F)
})

commands('a partial FMRI of several instances is refused and nothing is done', async () => {
  const { code, stderr } = await svcadm('disable', 'svc:/system/identity')
  assert.is(code, 1)
  assert.is(
    stderr,
    "svcadm: Partial FMRI 'svc:/system/identity' matches multiple instances:\n" +
      '    svc:/system/identity:node\n    svc:/system/identity:domain\n',
  )
  assert.is(await state('svc:/system/identity:node'), 'online')
})

commands('restart -s is no option here', async () => {
  const { code, stderr } = await svcadm('restart', '--', '-s', F)
  assert.is(code, 1)
  assert.match(stderr, "svcadm: Pattern '-s' doesn't match any instances\n")
  assert.is((await svcadm('restart', '-s', F)).code, 2)
})

commands('wrong use is status 2 with the usage', async () => {
  for (const args of [[], ['enable'], ['frobnicate', F], ['enable', '-x', F], ['mark', 'broken', F]]) {
    const { code, stderr } = await svcadm(...args)
    assert.is(code, 2, args.join(' '))
    assert.match(stderr, /^Usage: svcadm /)
  }
})

commands('milestones', async () => {
  const wrong = await svcadm('milestone', 'svc:/milestone/network:default')
  assert.equal(wrong, {
    code: 1,
    stdout: '',
    stderr: 'svcadm: "svc:/milestone/network:default" is not a valid major milestone.\n',
  })
  await svcadm('enable', '-s', F)
  await svcadm('milestone', 'single-user')
  await world.reaches(F, 'disabled')
  await world.reaches('svc:/milestone/single-user:default', 'online')
  await svcadm('milestone', 'all')
  await world.reaches(F, 'online')
})

commands.run()
