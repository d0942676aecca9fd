import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ManifestParts, makeWorld, manifest, type TestWorld } from '../world.ts'

let world: TestWorld
let count = 0

const dependency = (on: string, grouping = 'require_all', restartOn = 'none', type = 'service') =>
  `<dependency name="d${on.replace(/\W/g, '_')}" grouping="${grouping}" restart_on="${restartOn}" type="${type}">
     <service_fmri value="${on}"/></dependency>`

const DAEMON = `/bin/sh -c 'sleep 1000 & exit 0'`

async function add(parts: ManifestParts, name = `application/g${++count}`): Promise<string> {
  const file = `/${name.replaceAll('/', '-')}.xml`
  world.write(file, manifest(name, { start: DAEMON, stop: ':kill -KILL', ...parts }))
  const { code, stderr } = await world.run('svccfg', ['import', file])
  assert.is(code, 0, stderr)
  return `svc:/${name}:default`
}

const svcadm = (...args: string[]) => world.run('svcadm', args)
const state = async (fmri: string) =>
  (await world.run('svcs', ['-H', '-o', 'state,nstate', fmri])).stdout.trim().replace(/\s+/g, ',')
const starts = (fmri: string) => world.log(fmri).split('Executing start method').length - 1

async function startsReach(fmri: string, wanted: number): Promise<void> {
  for (const end = Date.now() + 5000; starts(fmri) < wanted && Date.now() < end; ) await sleep(20)
  assert.is(starts(fmri), wanted, world.log(fmri))
}

const graph = suite('starting and stopping in order')

graph.before(async () => {
  world = await makeWorld()
})
graph.after(() => world.close())

graph('an instance waits for what it requires, and starts by itself then', async () => {
  const lower = await add({})
  const upper = await add({ dependencies: dependency(lower), enabled: true })
  assert.is(await state(upper), 'offline,-')
  await svcadm('enable', lower)
  await world.reaches(upper, 'online')
})

graph('an absent file keeps it offline until a refresh after it came', async () => {
  const fmri = await add({
    dependencies: dependency('file://localhost/etc/g.conf', 'require_all', 'none', 'path'),
    enabled: true,
  })
  assert.is(await state(fmri), 'offline,-')
  const { stdout } = await world.run('svcs', ['-x', fmri])
  assert.match(
    stdout,
    'Reason: Dependency file://localhost/etc/g.conf is absent.\n   See: http://illumos.org/msg/SMF-8000-E2\n',
  )
  world.write('/etc/g.conf', '')
  await svcadm('refresh', fmri)
  await world.reaches(fmri, 'online')
})

graph('what is absent from the repository is absent', async () => {
  const fmri = await add({ dependencies: dependency('svc:/not/there:default'), enabled: true })
  assert.is(await state(fmri), 'offline,-')
  assert.match((await world.run('svcs', ['-x', fmri])).stdout, 'Dependency svc:/not/there:default is absent.')
  await world.run('svccfg', ['delete', fmri])
})

graph('enable -s of what lacks a file ends, with status 4', async () => {
  const fmri = await add({
    dependencies: dependency('file://localhost/etc/none', 'require_all', 'none', 'path'),
  })
  assert.equal(await svcadm('enable', '-s', fmri), {
    code: 4,
    stdout: '',
    stderr: `svcadm: Instance "${fmri}" has unsatisfied dependencies.\n`,
  })
  await world.run('svccfg', ['delete', fmri])
})

for (const [restartOn, after] of [
  ['none', { restart: 1, refresh: 1, disable: 'online,-' }],
  ['error', { restart: 1, refresh: 1, disable: 'online,-' }],
  ['restart', { restart: 2, refresh: 2, disable: 'offline,-' }],
  ['refresh', { restart: 2, refresh: 3, disable: 'offline,-' }],
] as const)
  graph(`restart_on ${restartOn}`, async () => {
    const lower = await add({ enabled: true })
    const upper = await add({ dependencies: dependency(lower, 'require_all', restartOn), enabled: true })
    await world.reaches(upper, 'online')
    await svcadm('restart', lower)
    await startsReach(lower, 2)
    await world.reaches(lower, 'online')
    await sleep(100)
    await startsReach(upper, after.restart)
    await svcadm('refresh', lower)
    await sleep(100)
    await startsReach(upper, after.refresh)
    await world.reaches(upper, 'online')
    await svcadm('disable', '-s', lower)
    await sleep(100)
    assert.is(await state(upper), after.disable)
  })

graph('what waits for something optional starts when that ends in maintenance', async () => {
  const failing = await add({ start: `/bin/sh -c 'sleep 0.5; exit 95'`, enabled: true })
  const near = await add({ dependencies: dependency(failing, 'optional_all') })
  const far = await add({ dependencies: dependency(near, 'optional_all'), enabled: true })
  await svcadm('enable', near)
  await world.reaches(failing, 'maintenance')
  await world.reaches(near, 'online')
  await world.reaches(far, 'online')
  assert.ok(world.log(failing).includes('exited with status 95'))
})

graph('a disable takes dependents offline first', async () => {
  const lower = await add({ enabled: true })
  const upper = await add({ dependencies: dependency(lower, 'require_all', 'restart'), enabled: true })
  await world.reaches(upper, 'online')
  await svcadm('disable', '-s', lower)
  assert.is(await state(upper), 'offline,-')
  assert.match(world.log(upper), 'Stopping because dependency activity requires stop.')
  await svcadm('enable', '-s', lower)
  await world.reaches(upper, 'online')
})

graph('a disable takes only those down first that require it', async () => {
  const note = (name: string) => `/bin/sh -c 'echo ${name} >>"$ROOT/down"'`
  const parts = { start: '/bin/true', duration: 'transient', enabled: true }
  const lower = await add({ ...parts, stop: note('lower') })
  const optional = dependency(lower, 'optional_all', 'restart')
  const upper = await add({ ...parts, stop: note('upper'), dependencies: optional })
  await world.reaches(upper, 'online')
  await svcadm('disable', '-s', lower)
  await startsReach(upper, 2)
  await world.reaches(upper, 'online')
  assert.is(readFileSync(world.path('/down'), 'utf8'), 'lower\nupper\n')
})

graph('exclude_all stops the dependent when the other starts', async () => {
  const other = await add({})
  const fmri = await add({ dependencies: dependency(other, 'exclude_all', 'restart'), enabled: true })
  await world.reaches(fmri, 'online')
  await svcadm('enable', '-s', other)
  await sleep(200)
  assert.is(await state(fmri), 'offline,-')
  await svcadm('disable', '-s', other)
  await world.reaches(fmri, 'online')
})

graph('a cycle puts the one that closes it into maintenance', async () => {
  const a = `svc:/application/cycle-a:default`
  await add({ dependencies: dependency('svc:/application/cycle-b:default') }, 'application/cycle-a')
  const b = await add({ dependencies: dependency(a), enabled: true }, 'application/cycle-b')
  await world.reaches(b, 'maintenance')
  assert.match(
    (await world.run('svcs', ['-x', b])).stdout,
    'Reason: Completes a dependency cycle.\n   See: http://illumos.org/msg/SMF-8000-HP',
  )
  await add({ dependencies: '', enabled: true }, 'application/cycle-b')
  await svcadm('clear', b)
  await world.reaches(b, 'online')
})

graph('a dependency that makes no sense is maintenance', async () => {
  const fmri = await add({
    dependencies: dependency('network', 'require_all', 'none', 'service'),
    enabled: true,
  })
  await world.reaches(fmri, 'maintenance')
  assert.match(
    (await world.run('svcs', ['-x', fmri])).stdout,
    'Reason: Has invalid dependency.\n   See: http://illumos.org/msg/SMF-8000-JA',
  )
})

graph('a dependent makes the other service wait, at the next start', async () => {
  const dependent =
    '<dependent name="hook" grouping="optional_all" restart_on="none"><service_fmri value="svc:/milestone/multi-user"/></dependent>'
  const fmri = await add({ dependencies: dependent })
  const { stdout } = await world.run('svcs', ['-l', 'svc:/milestone/multi-user:default'])
  assert.match(stdout, `dependency   optional_all/none svc:/${fmri.slice(5, -8)} (disabled)\n`)
  await world.run('svccfg', ['delete', fmri.replace(':default', '')])
  assert.not.match(
    (await world.run('svcs', ['-l', 'svc:/milestone/multi-user:default'])).stdout,
    'optional_all',
  )
})

graph('enable -r enables what it requires too', async () => {
  const lower = await add({})
  const upper = await add({ dependencies: dependency(lower) })
  assert.is((await svcadm('enable', '-rs', upper)).code, 0)
  assert.is(await state(lower), 'online,-')
})

graph.run()

const boots = suite('boot and shutdown')

boots.before(async () => {
  world = await makeWorld()
})
boots.after(() => world.close())

boots('what is enabled comes back, temporary settings do not, and the log tells of both', async () => {
  const on = await add({ enabled: true }, 'application/on')
  const off = await add({}, 'application/off')
  const temporary = await add({}, 'application/temporary')
  await svcadm('enable', '-st', temporary)
  await world.reaches(on, 'online')
  await world.smf.stop()
  assert.match(world.log(on), 'Executing stop method (:kill).')
  const gone = await world.run('svcs', [])
  assert.is(gone.code, 1)
  await world.restart()
  await world.reaches(on, 'online')
  assert.is(await state(off), 'disabled,-')
  assert.is(await state(temporary), 'disabled,-')
  assert.is(starts(on), 2)
})

boots('what a command reported as done survives a power loss right after it', async () => {
  const fmri = await add({ start: '/bin/true', duration: 'transient' }, 'application/safe')
  // A server that knows only what is on the disk, as after the machine went down at this very moment.
  const lost = world.smf
  await world.restart()
  await world.reaches(fmri, 'disabled')
  // Both run what is enabled, each in contracts of its own.
  await lost.stop().catch(() => {})
  await world.smf.stop()
  await world.restart()
})

boots('dependents are stopped before what they depend on', async () => {
  const note = (name: string) => `/bin/sh -c 'echo ${name} >>"$ROOT/order"'`
  const lower = await add(
    { start: '/bin/true', duration: 'transient', stop: note('lower'), enabled: true },
    'application/lower',
  )
  const upper = await add(
    {
      start: '/bin/true',
      duration: 'transient',
      stop: note('upper'),
      dependencies: dependency(lower),
      enabled: true,
    },
    'application/upper',
  )
  await world.reaches(upper, 'online')
  await world.smf.stop()
  assert.is(readFileSync(world.path('/order'), 'utf8'), 'upper\nlower\n')
  await world.restart()
})

boots('a shutdown ends what is still starting, and starts nothing again', async () => {
  const hanging = await add({ start: '/bin/sleep 600', timeout: 0, enabled: true }, 'application/hanging')
  const failing = await add({ start: `/bin/sh -c 'sleep 0.2; exit 1'`, enabled: true }, 'application/failing')
  await startsReach(hanging, 1)
  await startsReach(failing, 1)
  await world.smf.stop()
  const [hung, failed] = [starts(hanging), starts(failing)]
  await sleep(600)
  assert.equal([starts(hanging), starts(failing)], [hung, failed])
  assert.match(world.log(hanging), 'failed due to signal KILL')
  await world.restart()
})

boots.run()
