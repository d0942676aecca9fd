import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ManifestParts, makeWorld, manifest, type TestWorld } from './world.ts'

let world: TestWorld
let count = 0

/** Imports a service of its own for a test and gives its FMRI. */
async function add(parts: ManifestParts): Promise<string> {
  const name = `application/t${++count}`
  world.write(`/${count}.xml`, manifest(name, parts))
  const { code, stderr } = await world.run('svccfg', ['import', `/${count}.xml`])
  assert.is(code, 0, stderr)
  return `svc:/${name}:default`
}

const property = async (fmri: string, name: string) =>
  (await world.run('svcprop', ['-p', name, fmri])).stdout.trim()
const alive = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
const pidIn = (path: string) => Number(readFileSync(world.path(path), 'utf8'))
/** Lines of svc.startd, without their time. */
const startdLines = (fmri: string) =>
  [...world.log(fmri).matchAll(/^\[ [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (.*) \]$/gm)].map((m) => m[1])

/** Without root, marks other than the environment cannot be read. */
const FORGET = process.getuid?.() === 0 ? 'env -i' : ''

/** A daemon that leaves its session, its parent and its environment behind, and notes its pid. */
const daemon = (pidFile: string) => `#!/bin/sh
setsid sh -c '${FORGET} sh -c "echo \\$\\$ >\\"$0\\"; exec sleep 1000" "$0" & ' '${pidFile}' </dev/null >/dev/null 2>&1
while [ ! -s '${pidFile}' ]; do sleep 0.01; done
`

const methods = suite('methods')

let slow: string

methods.before(async () => {
  world = await makeWorld()
  // Takes three time-outs; the other tests run meanwhile.
  slow = await add({ start: '/bin/sleep 100', timeout: 1, enabled: true })
})
methods.after(() => world.close())

methods('the environment is what SMF sets and nothing else', async () => {
  const script = world.write('/opt/env', '#!/bin/sh\nenv >"$ROOT/env.out"\npwd >>"$ROOT/env.out"\n')
  world.write('/etc/default/init', '# comment\nTZ=UTC\nLANG="C"; CMASK=022\nSMF_X=1\n')
  const fmri = await add({
    start: `${script}`,
    duration: 'transient',
    enabled: true,
    context: `<method_context working_directory="/opt"><method_environment>
      <envvar name="A" value="it's &quot;two&quot; words $(no)"/></method_environment></method_context>`,
  })
  await world.reaches(fmri, 'online')
  const lines = readFileSync(world.path('/env.out'), 'utf8').trim().split('\n')
  const ours = ['ROOT=', 'SANDBOX_CONTRACT=', 'PWD=', 'OLDPWD=', '_=', 'SHLVL=']
  assert.equal(
    lines.filter((l) => !ours.some((o) => l.startsWith(o))).sort(),
    [
      world.path('/opt'),
      `A=it's "two" words $(no)`,
      'LANG=C',
      'PATH=/usr/sbin:/usr/bin',
      `SMF_FMRI=${fmri}`,
      'SMF_METHOD=start',
      'SMF_RESTARTER=svc:/system/svc/restarter:default',
      'SMF_ZONENAME=global',
      'TZ=UTC',
    ].sort(),
  )
})

methods('only the first command of a method runs: it is exec', async () => {
  const fmri = await add({
    start: `/bin/echo first && /bin/echo second`,
    duration: 'transient',
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  assert.match(world.log(fmri), /^first$/m)
  assert.not.match(world.log(fmri), /^second$/m)
})

methods('tokens are expanded from the running snapshot', async () => {
  const fmri = await add({
    start: '/bin/echo %m %{config/words} %i',
    duration: 'transient',
    enabled: true,
    groups:
      '<property_group name="config" type="application"><propval name="words" type="astring" value="a  b"/></property_group>',
  })
  await world.reaches(fmri, 'online')
  assert.match(world.log(fmri), /^start a {2}b default$/m)
})

methods('a token that cannot be expanded is maintenance', async () => {
  const fmri = await add({ start: '/bin/echo %{config/nothing}', enabled: true })
  await world.reaches(fmri, 'maintenance')
  assert.match(
    world.log(fmri),
    'Could not expand method tokens in "/bin/echo %{config/nothing}": property "config/nothing" not found.',
  )
  assert.is(await property(fmri, 'restarter/auxiliary_state'), 'method_failed')
})

for (const [what, context, text] of [
  [
    'a missing working directory',
    '<method_context working_directory="/not/there"/>',
    'chdir: No such file or directory ("/not/there")',
  ],
  [
    'a missing user',
    '<method_context><method_credential user="ghost"/></method_context>',
    'Could not get passwd entry.',
  ],
  [
    'a user whose home is missing',
    '<method_context><method_credential user="nobody"/></method_context>',
    'chdir: No such file or directory ("/nonexistent")',
  ],
  [
    'a missing group',
    '<method_context working_directory="/"><method_credential user="nobody" group="ghosts"/></method_context>',
    'Could not interpret "group" property value "ghosts".',
  ],
] as const)
  methods(`${what} is maintenance before anything runs`, async () => {
    const fmri = await add({ start: '/bin/echo ran', context, enabled: true })
    await world.reaches(fmri, 'maintenance')
    assert.equal(startdLines(fmri).slice(2), [
      'Executing start method ("/bin/echo ran").',
      'svc.startd could not set context for method: ',
      text,
      'Method "start" failed with exit status 96.',
    ])
    assert.not.match(world.log(fmri), /^ran$/m)
    assert.is(await property(fmri, 'restarter/auxiliary_state'), 'method_failed')
  })

if (process.getuid?.() === 0)
  methods('a method runs as the user of its context', async () => {
    const context =
      '<method_context working_directory="/"><method_credential user="nobody"/></method_context>'
    const fmri = await add({ start: '/usr/bin/id -u', context, duration: 'transient', enabled: true })
    await world.reaches(fmri, 'online')
    assert.match(world.log(fmri), /^65534$/m)
  })

for (const code of [95, 96, 99, 100])
  methods(`exit ${code} is maintenance at once`, async () => {
    const fmri = await add({ start: `/bin/sh -c 'exit ${code}'`, enabled: true })
    await world.reaches(fmri, 'maintenance')
    assert.is(startdLines(fmri).filter((l) => l?.includes('failed with exit status')).length, 1)
    assert.is(await property(fmri, 'restarter/auxiliary_state'), 'method_failed')
    assert.is(await property(fmri, 'restarter/start_method_waitstatus'), String(code * 256))
  })

methods('any other failure is tried three times', async () => {
  const fmri = await add({ start: `/bin/sh -c 'exit 1'`, enabled: true })
  await world.reaches(fmri, 'maintenance')
  assert.equal(startdLines(fmri).slice(2), [
    `Executing start method ("/bin/sh -c 'exit 1'").`,
    'Method "start" failed with exit status 1.',
    `Executing start method ("/bin/sh -c 'exit 1'").`,
    'Method "start" failed with exit status 1.',
    `Executing start method ("/bin/sh -c 'exit 1'").`,
    'Method "start" failed with exit status 1.',
  ])
  assert.is(await property(fmri, 'restarter/auxiliary_state'), 'fault_threshold_reached')
})

methods('a method that a signal ends is tried three times', async () => {
  const fmri = await add({ start: `/bin/sh -c 'kill -9 $$'`, enabled: true })
  await world.reaches(fmri, 'maintenance')
  assert.is(startdLines(fmri).filter((l) => l === 'Method "start" failed due to signal KILL.').length, 3)
  assert.is(await property(fmri, 'restarter/start_method_waitstatus'), '9')
})

methods('a start that takes too long is killed and counts as failed', async () => {
  await world.reaches(slow, 'maintenance')
  const lines = startdLines(slow)
  assert.is(
    lines.filter((l) => /^Method or service exit timed out\. {2}Killing contract \d+\.$/.test(l ?? ''))
      .length,
    3,
  )
  assert.is(lines.filter((l) => l === 'Method "start" failed due to signal KILL.').length, 3)
})

methods('without a refresh method a refresh succeeds', async () => {
  const fmri = await add({ duration: 'transient', enabled: true })
  await world.reaches(fmri, 'online')
  await world.run('svcadm', ['refresh', fmri])
  await sleep(100)
  await world.reaches(fmri, 'online')
  assert.equal(startdLines(fmri).slice(-2), [
    'Rereading configuration.',
    "No 'refresh' method defined.  Treating as :true.",
  ])
})

methods('exit 94 is a service without processes', async () => {
  const fmri = await add({ start: `/bin/sh -c 'exit 94'`, enabled: true })
  await world.reaches(fmri, 'online')
  await sleep(500)
  await world.reaches(fmri, 'online')
  assert.is(startdLines(fmri).filter((l) => l?.startsWith('Stopping')).length, 0)
})

methods.run()

const models = suite('contract, transient and child services')

models.before(async () => {
  world = await makeWorld()
})
models.after(() => world.close())

models('a daemon is found, killed by :kill and its end is noticed', async () => {
  const pidFile = world.path('/d1.pid')
  const fmri = await add({ start: world.write('/opt/d1', daemon(pidFile)), stop: ':kill', enabled: true })
  await world.reaches(fmri, 'online')
  const pid = pidIn('/d1.pid')
  assert.match((await world.run('svcs', ['-p', fmri])).stdout, new RegExp(` ${pid} sleep$`, 'm'))
  await world.run('svcadm', ['disable', '-s', fmri])
  assert.not.ok(alive(pid))
  assert.equal(startdLines(fmri).slice(-2), [
    'Stopping because service disabled.',
    'Executing stop method (:kill).',
  ])
  assert.is(await property(fmri, 'restarter/state'), 'disabled')
})

/** Starts a daemon service, does something to its process, and waits until another one runs. */
async function replaced(parts: ManifestParts, signal: NodeJS.Signals): Promise<string> {
  const name = `/r${++count}`
  const pidFile = world.path(`${name}.pid`)
  const start = world.write(`/opt${name}`, `#!/bin/sh\nrm -f ${pidFile}\n${daemon(pidFile)}`)
  const fmri = await add({ start, stop: ':kill', enabled: true, ...parts })
  await world.reaches(fmri, 'online')
  const first = pidIn(`${name}.pid`)
  process.kill(first, signal)
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(20))
    if (existsSync(pidFile) && ![first, 0].includes(pidIn(`${name}.pid`))) break
  await world.reaches(fmri, 'online')
  assert.is.not(pidIn(`${name}.pid`), first)
  await world.run('svcadm', ['disable', '-s', fmri])
  return fmri
}

const stops = (fmri: string) => startdLines(fmri).filter((l) => l?.startsWith('Stopping because '))
const DISABLED = 'Stopping because service disabled.'
const ignoring = (word: string): ManifestParts => ({
  duration: `contract"/><propval name="ignore_error" type="astring" value="${word}`,
})

models('a process that a signal ends is a fault: the service is restarted', async () => {
  const fmri = await replaced({}, 'SIGKILL')
  assert.equal(stops(fmri), [
    'Stopping because process received fatal signal from outside the service.',
    DISABLED,
  ])
})

models('a process that crashes is a fault of its own kind', async () => {
  const fmri = await replaced({}, 'SIGSEGV')
  assert.equal(stops(fmri), ['Stopping because process dumped core.', DISABLED])
})

for (const [word, signal] of [
  ['signal', 'SIGKILL'],
  ['core,signal', 'SIGSEGV'],
] as const)
  models(`ignore_error ${word}: what counts is that nothing is left`, async () => {
    const fmri = await replaced(ignoring(word), signal)
    assert.equal(stops(fmri), ['Stopping because all processes in service exited.', DISABLED])
  })

models('an ignore_error that is not one of the known words ignores nothing', async () => {
  const fmri = await replaced(ignoring('core signal'), 'SIGKILL')
  assert.is(stops(fmri)[0], 'Stopping because process received fatal signal from outside the service.')
})

models('one process of several is enough', async () => {
  const start = `/bin/sh -c 'sleep 1000 & sleep 1001 & exit 0'`
  const fmri = await add({ start, stop: ':kill -KILL', enabled: true })
  await world.reaches(fmri, 'online')
  const { stdout } = await world.run('svcs', ['-Hp', fmri])
  const [first] = [...stdout.matchAll(/ (\d+) sleep/g)].map((m) => Number(m[1]))
  process.kill(first ?? 0, 'SIGTERM')
  for (const end = Date.now() + 5000; Date.now() < end && stops(fmri).length === 0; ) await sleep(20)
  await world.reaches(fmri, 'online')
  assert.is(stops(fmri)[0], 'Stopping because process received fatal signal from outside the service.')
  assert.is([...(await world.run('svcs', ['-Hp', fmri])).stdout.matchAll(/ sleep$/gm)].length, 2)
  await world.run('svcadm', ['disable', '-s', fmri])
})

models('a fault stops dependents that asked for it, an administrator does not', async () => {
  const start = `/bin/sh -c 'sleep 1000 & exit 0'`
  const lower = await add({ start, stop: ':kill -KILL', enabled: true })
  const dependencies = `<dependency name="d" grouping="require_all" restart_on="error" type="service">
    <service_fmri value="${lower}"/></dependency>`
  const upper = await add({ start, stop: ':kill -KILL', enabled: true, dependencies })
  await world.reaches(upper, 'online')
  const { stdout } = await world.run('svcs', ['-Hp', lower])
  process.kill(Number(/ (\d+) sleep/.exec(stdout)?.[1]), 'SIGKILL')
  for (const end = Date.now() + 5000; Date.now() < end && stops(upper).length === 0; ) await sleep(20)
  assert.equal(stops(upper), ['Stopping because dependency activity requires stop.'])
  await world.reaches(upper, 'online')
  for (const fmri of [upper, lower]) await world.run('svcadm', ['disable', '-s', fmri])
})

models('a start that leaves nothing behind restarts until that is too quick', async () => {
  const fmri = await add({ start: '/bin/true', enabled: true })
  await world.reaches(fmri, 'maintenance')
  const lines = startdLines(fmri)
  assert.is(lines.filter((l) => l === 'Stopping because all processes in service exited.').length, 4)
  assert.is(lines.at(-1), 'Restarting too quickly, changing state to maintenance.')
  assert.is(await property(fmri, 'restarter/auxiliary_state'), 'restarting_too_quickly')
})

models('the limit of restarts can be set', async () => {
  const fmri = await add({
    start: '/bin/true',
    enabled: true,
    groups: '',
    duration: `contract"/><propval name="critical_failure_count" type="count" value="2"/><propval name="critical_failure_period" type="count" value="60`,
  })
  await world.reaches(fmri, 'maintenance')
  assert.is(
    startdLines(fmri).filter((l) => l === 'Stopping because all processes in service exited.').length,
    1,
  )
})

models('a transient service is online whatever becomes of its processes', async () => {
  const fmri = await add({ start: '/bin/true', duration: 'transient', enabled: true })
  await world.reaches(fmri, 'online')
  await sleep(500)
  await world.reaches(fmri, 'online')
})

models(':kill stops no transient service', async () => {
  const fmri = await add({ start: '/bin/true', stop: ':kill', duration: 'transient', enabled: true })
  await world.reaches(fmri, 'online')
  await world.run('svcadm', ['disable', fmri])
  await world.reaches(fmri, 'maintenance')
  assert.is(startdLines(fmri).at(-1), 'Invalid use of ":kill" as stop method for transient service.')
})

models('a child service is online as soon as it runs, and restarted when it ends', async () => {
  const fmri = await add({ start: '/bin/sleep 1000', stop: ':kill', duration: 'child', enabled: true })
  await world.reaches(fmri, 'online')
  const pid = Number(await property(fmri, 'restarter/start_pid'))
  process.kill(pid, 'SIGKILL')
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(20))
    if (Number(await property(fmri, 'restarter/start_pid')) !== pid) break
  await world.reaches(fmri, 'online')
  assert.ok(startdLines(fmri).includes('Stopping because all processes in service exited.'))
  assert.is((await world.run('svcadm', ['disable', '-s', fmri])).code, 0)
  assert.is(startdLines(fmri).at(-2), 'Stopping because service disabled.')
})

models('a child service that fails too quickly is throttled', async () => {
  const fmri = await add({ start: `/bin/sh -c 'exit 3'`, stop: ':kill', duration: 'child', enabled: true })
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(50))
    if (world.log(fmri).includes('throttling')) break
  assert.ok(startdLines(fmri).includes('Stopping because service exited with an error.'))
  assert.ok(startdLines(fmri).includes('Failing too quickly, throttling.'))
  await world.run('svcadm', ['disable', '-s', fmri])
})

models('a child service without its program is maintenance', async () => {
  const fmri = await add({ start: '/not/there -x', duration: 'child', enabled: true })
  await world.reaches(fmri, 'maintenance')
  assert.is(startdLines(fmri).at(-1), 'Missing start method (/not/there), changing state to maintenance.')
})

models('a child service that exits 96 is maintenance', async () => {
  const fmri = await add({ start: `/bin/sh -c 'exit 96'`, duration: 'child', enabled: true })
  await world.reaches(fmri, 'maintenance')
  assert.is(startdLines(fmri).at(-1), 'Stopping because service exited with a configuration error.')
})

models('what outlives the stop method is killed when the time is up, and that is maintenance', async () => {
  const pidFile = world.path('/d3.pid')
  const fmri = await add({
    start: world.write('/opt/d3', daemon(pidFile)),
    stop: ':kill -CONT',
    timeout: 1,
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  const pid = pidIn('/d3.pid')
  await world.run('svcadm', ['disable', fmri])
  await world.reaches(fmri, 'maintenance')
  assert.not.ok(alive(pid))
  assert.match(
    startdLines(fmri).at(-1) ?? '',
    /^Method or service exit timed out\. {2}Killing contract \d+\.$/,
  )
})

models('a stop method that signals and returns is waited for', async () => {
  const pidFile = world.path('/d4.pid')
  const stop = `/bin/sh -c 'kill \`cat ${pidFile}\`'`
  const fmri = await add({ start: world.write('/opt/d4', daemon(pidFile)), stop, enabled: true })
  await world.reaches(fmri, 'online')
  const pid = pidIn('/d4.pid')
  await world.run('svcadm', ['disable', '-s', fmri])
  assert.not.ok(alive(pid))
  assert.is(startdLines(fmri).at(-1), 'Method "stop" exited with status 0.')
})

models('nobody else is killed: a process of the same user that is no member', async () => {
  const outsider = world.spawn(['/sbin/sh', '-c', 'exec sleep 1000'], { env: {}, cwd: '/', stdio: 'ignore' })
  const pidFile = world.path('/d5.pid')
  const fmri = await add({
    start: world.write('/opt/d5', daemon(pidFile)),
    stop: ':kill -KILL',
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  await world.run('svcadm', ['disable', '-s', fmri])
  assert.ok(alive(outsider.pid ?? 0))
  outsider.kill('SIGKILL')
})

models.run()

const marked = suite('processes found by their marks alone')

marked.before(async () => {
  world = await makeWorld({ reaper: false })
})
marked.after(() => world.close())

marked('a daemon is found and killed', async () => {
  const pidFile = world.path('/m1.pid')
  const fmri = await add({ start: world.write('/opt/m1', daemon(pidFile)), stop: ':kill', enabled: true })
  await world.reaches(fmri, 'online')
  assert.match((await world.run('svcs', ['-p', fmri])).stdout, new RegExp(` ${pidIn('/m1.pid')} sleep$`, 'm'))
  await world.run('svcadm', ['disable', '-s', fmri])
  assert.not.ok(alive(pidIn('/m1.pid')))
})

marked('a service without processes is restarted', async () => {
  const fmri = await replaced({}, 'SIGKILL')
  assert.equal(stops(fmri), ['Stopping because all processes in service exited.', DISABLED])
})

marked('a child service is restarted when it ends', async () => {
  const fmri = await add({ start: '/bin/sleep 1000', stop: ':kill', duration: 'child', enabled: true })
  await world.reaches(fmri, 'online')
  process.kill(Number(await property(fmri, 'restarter/start_pid')), 'SIGKILL')
  for (const end = Date.now() + 5000; Date.now() < end && stops(fmri).length === 0; ) await sleep(20)
  await world.reaches(fmri, 'online')
  await world.run('svcadm', ['disable', '-s', fmri])
})

marked.run()
