import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  addService,
  DISABLED,
  daemon,
  isAlive,
  pidIn,
  property,
  replaced,
  stops,
  stopsReach,
} from './services.ts'
import { makeWorld, type TestWorld } from './world.ts'

let world: TestWorld

const marked = suite('processes found by their marks alone')

marked.before(async () => {
  world = await makeWorld({ reaper: false })
})
marked.after(() => world.close())

marked('a daemon is found and killed', async () => {
  const pidFile = world.path('/m1.pid')
  const fmri = await addService(world, {
    start: world.write('/opt/m1', daemon(pidFile)),
    stop: ':kill',
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  assert.match(
    (await world.run('svcs', ['-p', fmri])).stdout,
    new RegExp(` ${pidIn(world, '/m1.pid')} sleep$`, 'm'),
  )
  await world.run('svcadm', ['disable', '-s', fmri])
  assert.not.ok(isAlive(pidIn(world, '/m1.pid')))
})

marked('a service without processes is restarted', async () => {
  const fmri = await replaced(world, {}, 'SIGKILL')
  assert.equal(stops(world, fmri), ['Stopping because all processes in service exited.', DISABLED])
})

marked('a child service is restarted when it ends', async () => {
  const fmri = await addService(world, {
    start: '/bin/sleep 1000',
    stop: ':kill',
    duration: 'child',
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  process.kill(Number(await property(world, fmri, 'restarter/start_pid')), 'SIGKILL')
  await stopsReach(world, fmri, 1)
  await world.reaches(fmri, 'online')
  await world.run('svcadm', ['disable', '-s', fmri])
})

marked.run()
