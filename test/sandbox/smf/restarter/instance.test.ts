import { setTimeout as sleep } from 'node:timers/promises'
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
  startdLines,
  stops,
  stopsReach,
} from '../services.ts'
import { type ManifestParts, makeWorld, type TestWorld } from '../world.ts'

let world: TestWorld

const models = suite('contract, transient and child services')

models.before(async () => {
  world = await makeWorld()
})
models.after(() => world.close())

models('a daemon is found, killed by :kill and its end is noticed', async () => {
  const pidFile = world.path('/d1.pid')
  const fmri = await addService(world, {
    start: world.write('/opt/d1', daemon(pidFile)),
    stop: ':kill',
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  const pid = pidIn(world, '/d1.pid')
  assert.match((await world.run('svcs', ['-p', fmri])).stdout, new RegExp(` ${pid} sleep$`, 'm'))
  await world.run('svcadm', ['disable', '-s', fmri])
  assert.not.ok(isAlive(pid))
  assert.equal(startdLines(world, fmri).slice(-2), [
    'Stopping because service disabled.',
    'Executing stop method (:kill).',
  ])
  assert.is(await property(world, fmri, 'restarter/state'), 'disabled')
})

const ignoring = (word: string): ManifestParts => ({
  duration: `contract"/><propval name="ignore_error" type="astring" value="${word}`,
})

models('a process that a signal ends is a fault: the service is restarted', async () => {
  const fmri = await replaced(world, {}, 'SIGKILL')
  assert.equal(stops(world, fmri), [
    'Stopping because process received fatal signal from outside the service.',
    DISABLED,
  ])
})

models('a process that crashes is a fault of its own kind', async () => {
  const fmri = await replaced(world, {}, 'SIGSEGV')
  assert.equal(stops(world, fmri), ['Stopping because process dumped core.', DISABLED])
})

for (const [word, signal] of [
  ['signal', 'SIGKILL'],
  ['core,signal', 'SIGSEGV'],
] as const)
  models(`ignore_error ${word}: what counts is that nothing is left`, async () => {
    const fmri = await replaced(world, ignoring(word), signal)
    assert.equal(stops(world, fmri), ['Stopping because all processes in service exited.', DISABLED])
  })

models('an ignore_error that is not one of the known words ignores nothing', async () => {
  const fmri = await replaced(world, ignoring('core signal'), 'SIGKILL')
  assert.is(stops(world, fmri)[0], 'Stopping because process received fatal signal from outside the service.')
})

models('one process of several is enough', async () => {
  const start = `/bin/sh -c 'sleep 1000 & sleep 1001 & exit 0'`
  const fmri = await addService(world, { start, stop: ':kill -KILL', enabled: true })
  await world.reaches(fmri, 'online')
  const { stdout } = await world.run('svcs', ['-Hp', fmri])
  const [first] = [...stdout.matchAll(/ (\d+) sleep/g)].map((m) => Number(m[1]))
  process.kill(first ?? 0, 'SIGTERM')
  await stopsReach(world, fmri, 1)
  await world.reaches(fmri, 'online')
  assert.is(stops(world, fmri)[0], 'Stopping because process received fatal signal from outside the service.')
  assert.is([...(await world.run('svcs', ['-Hp', fmri])).stdout.matchAll(/ sleep$/gm)].length, 2)
  await world.run('svcadm', ['disable', '-s', fmri])
})

models('a fault stops dependents that asked for it, an administrator does not', async () => {
  const start = `/bin/sh -c 'sleep 1000 & exit 0'`
  const lower = await addService(world, { start, stop: ':kill -KILL', enabled: true })
  const dependencies = `<dependency name="d" grouping="require_all" restart_on="error" type="service">
    <service_fmri value="${lower}"/></dependency>`
  const upper = await addService(world, { start, stop: ':kill -KILL', enabled: true, dependencies })
  await world.reaches(upper, 'online')
  const { stdout } = await world.run('svcs', ['-Hp', lower])
  process.kill(Number(/ (\d+) sleep/.exec(stdout)?.[1]), 'SIGKILL')
  await stopsReach(world, upper, 1)
  assert.equal(stops(world, upper), ['Stopping because dependency activity requires stop.'])
  await world.reaches(upper, 'online')
  for (const fmri of [upper, lower]) await world.run('svcadm', ['disable', '-s', fmri])
})

models('a start that leaves nothing behind restarts until that is too quick', async () => {
  const fmri = await addService(world, { start: '/bin/true', enabled: true })
  await world.reaches(fmri, 'maintenance')
  const lines = startdLines(world, fmri)
  assert.is(lines.filter((l) => l === 'Stopping because all processes in service exited.').length, 4)
  assert.is(lines.at(-1), 'Restarting too quickly, changing state to maintenance.')
  assert.is(await property(world, fmri, 'restarter/auxiliary_state'), 'restarting_too_quickly')
})

/** Two starts an hour are the limit. */
const critical = (type: string, model = 'contract'): ManifestParts => ({
  start: '/bin/true',
  enabled: true,
  duration: [
    model,
    `<propval name="critical_failure_count" type="${type}" value="2`,
    `<propval name="critical_failure_period" type="${type}" value="3600`,
  ].join('"/>'),
})

for (const [type, restarts] of [
  ['integer', 1],
  ['count', 4],
] as const)
  models(`the limit of restarts can be set by integers alone: ${type}`, async () => {
    const fmri = await addService(world, critical(type))
    await world.reaches(fmri, 'maintenance')
    const exits = stops(world, fmri).filter((l) => l === 'Stopping because all processes in service exited.')
    assert.is(exits.length, restarts)
  })

/** Restarted by svc.startd twice within an hour: maintenance. */
const strict = (dependencies = ''): ManifestParts => ({
  ...critical('integer', 'transient'),
  dependencies,
})

models('what an administrator does to it, or to what it needs, forgets the starts before', async () => {
  const lower = await addService(world, strict())
  const upper = await addService(
    world,
    strict(`<dependency name="d" grouping="require_all" restart_on="restart" type="service">
      <service_fmri value="${lower}"/></dependency>`),
  )
  await world.reaches(upper, 'online')
  const starts = () => startdLines(world, upper).filter((l) => l?.startsWith('Executing start')).length
  const svcadm = async (...args: string[]) => assert.is((await world.run('svcadm', args)).code, 0)
  const startsReach = async (wanted: number) => {
    for (const end = Date.now() + 8000; Date.now() < end && starts() < wanted; ) await sleep(20)
    await world.reaches(upper, 'online')
    assert.is(starts(), wanted)
  }
  await svcadm('restart', upper)
  await startsReach(2)
  await svcadm('disable', '-s', upper)
  await svcadm('enable', '-s', upper)
  await startsReach(3)
  await svcadm('restart', lower)
  await startsReach(4)
  await svcadm('mark', 'maintenance', upper)
  await world.reaches(upper, 'maintenance')
  await svcadm('clear', upper)
  await startsReach(5)
  for (const fmri of [upper, lower]) await world.run('svcadm', ['disable', '-s', fmri])
})

models('a transient service is online whatever becomes of its processes', async () => {
  const fmri = await addService(world, { start: '/bin/true', duration: 'transient', enabled: true })
  await world.reaches(fmri, 'online')
  await sleep(500)
  await world.reaches(fmri, 'online')
})

models(':kill stops no transient service', async () => {
  const fmri = await addService(world, {
    start: '/bin/true',
    stop: ':kill',
    duration: 'transient',
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  await world.run('svcadm', ['disable', fmri])
  await world.reaches(fmri, 'maintenance')
  assert.is(startdLines(world, fmri).at(-1), 'Invalid use of ":kill" as stop method for transient service.')
})

models('a child service is online as soon as it runs, and restarted when it ends', async () => {
  const fmri = await addService(world, {
    start: '/bin/sleep 1000',
    stop: ':kill',
    duration: 'child',
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  const pid = Number(await property(world, fmri, 'restarter/start_pid'))
  process.kill(pid, 'SIGKILL')
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(20))
    if (Number(await property(world, fmri, 'restarter/start_pid')) !== pid) break
  await world.reaches(fmri, 'online')
  assert.ok(startdLines(world, fmri).includes('Stopping because all processes in service exited.'))
  assert.is((await world.run('svcadm', ['disable', '-s', fmri])).code, 0)
  assert.is(startdLines(world, fmri).at(-2), 'Stopping because service disabled.')
})

models('a child service that fails too quickly is throttled', async () => {
  const fmri = await addService(world, {
    start: `/bin/sh -c 'exit 3'`,
    stop: ':kill',
    duration: 'child',
    enabled: true,
  })
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(50))
    if (world.log(fmri).includes('throttling')) break
  assert.ok(startdLines(world, fmri).includes('Stopping because service exited with an error.'))
  assert.ok(startdLines(world, fmri).includes('Failing too quickly, throttling.'))
  await world.run('svcadm', ['disable', '-s', fmri])
})

models('a child service without its program is maintenance', async () => {
  const fmri = await addService(world, { start: '/not/there -x', duration: 'child', enabled: true })
  await world.reaches(fmri, 'maintenance')
  assert.is(
    startdLines(world, fmri).at(-1),
    'Missing start method (/not/there), changing state to maintenance.',
  )
})

models('a child service that exits 96 is maintenance', async () => {
  const fmri = await addService(world, { start: `/bin/sh -c 'exit 96'`, duration: 'child', enabled: true })
  await world.reaches(fmri, 'maintenance')
  assert.is(startdLines(world, fmri).at(-1), 'Stopping because service exited with a configuration error.')
})

models('what outlives the stop method is killed when the time is up, and that is maintenance', async () => {
  const pidFile = world.path('/d3.pid')
  const fmri = await addService(world, {
    start: world.write('/opt/d3', daemon(pidFile)),
    stop: ':kill -CONT',
    timeout: 1,
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  const pid = pidIn(world, '/d3.pid')
  await world.run('svcadm', ['disable', fmri])
  await world.reaches(fmri, 'maintenance')
  assert.not.ok(isAlive(pid))
  assert.match(
    startdLines(world, fmri).at(-1) ?? '',
    /^Method or service exit timed out\. {2}Killing contract \d+\.$/,
  )
})

models('a service that waits to start again keeps its contract, a disabled one has none', async () => {
  const start = `/bin/sh -c 'sleep 1000 & exit 0'`
  const lower = await addService(world, { start, stop: ':kill -KILL', enabled: true })
  const dependencies = `<dependency name="d" grouping="require_all" restart_on="restart" type="service">
    <service_fmri value="${lower}"/></dependency>`
  const upper = await addService(world, { start, stop: ':kill -KILL', enabled: true, dependencies })
  await world.reaches(upper, 'online')
  const contract = await property(world, upper, 'restarter/contract')
  await world.run('svcadm', ['disable', '-s', lower])
  await world.reaches(upper, 'offline')
  assert.is(await property(world, upper, 'restarter/contract'), contract)
  assert.is((await world.run('svcs', ['-Hp', upper])).stdout.trim().split('\n').length, 1)
  assert.is(await property(world, lower, 'restarter/contract'), '')
  await world.run('svcadm', ['enable', '-s', lower])
  await world.reaches(upper, 'online')
  assert.is.not(await property(world, upper, 'restarter/contract'), contract)
  for (const fmri of [upper, lower]) await world.run('svcadm', ['disable', '-s', fmri])
})

models('a stop method that signals and returns is waited for', async () => {
  const pidFile = world.path('/d4.pid')
  const stop = `/bin/sh -c 'kill \`cat ${pidFile}\`'`
  const fmri = await addService(world, {
    start: world.write('/opt/d4', daemon(pidFile)),
    stop,
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  const pid = pidIn(world, '/d4.pid')
  await world.run('svcadm', ['disable', '-s', fmri])
  assert.not.ok(isAlive(pid))
  assert.is(startdLines(world, fmri).at(-1), 'Method "stop" exited with status 0.')
})

models('nobody else is killed: a process of the same user that is no member', async () => {
  const outsider = world.spawn(['/sbin/sh', '-c', 'exec sleep 1000'], { env: {}, cwd: '/', stdio: 'ignore' })
  const pidFile = world.path('/d5.pid')
  const fmri = await addService(world, {
    start: world.write('/opt/d5', daemon(pidFile)),
    stop: ':kill -KILL',
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  await world.run('svcadm', ['disable', '-s', fmri])
  assert.ok(isAlive(outsider.pid ?? 0))
  outsider.kill('SIGKILL')
})

models.run()
