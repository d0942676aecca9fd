import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addService, property, startdLines } from '../services.ts'
import { makeWorld, type TestWorld } from '../world.ts'

let world: TestWorld

const methods = suite('methods')

let slow: string

methods.before(async () => {
  world = await makeWorld()
  // Takes three time-outs; the other tests run meanwhile.
  slow = await addService(world, { start: '/bin/sleep 100', timeout: 1, enabled: true })
})
methods.after(() => world.close())

methods('the environment is what SMF sets and nothing else', async () => {
  const script = world.write('/opt/env', '#!/bin/sh\nenv >"$ROOT/env.out"\npwd >>"$ROOT/env.out"\n')
  world.write('/etc/default/init', '# comment\nTZ=UTC\nLANG="C"; CMASK=022\nSMF_X=1\n')
  const fmri = await addService(world, {
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
  const fmri = await addService(world, {
    start: `/bin/echo first && /bin/echo second`,
    duration: 'transient',
    enabled: true,
  })
  await world.reaches(fmri, 'online')
  assert.match(world.log(fmri), /^first$/m)
  assert.not.match(world.log(fmri), /^second$/m)
})

methods('tokens are expanded from the running snapshot', async () => {
  const fmri = await addService(world, {
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
  const fmri = await addService(world, { start: '/bin/echo %{config/nothing}', enabled: true })
  await world.reaches(fmri, 'maintenance')
  assert.match(
    world.log(fmri),
    'Could not expand method tokens in "/bin/echo %{config/nothing}": property "config/nothing" not found.',
  )
  assert.is(await property(world, fmri, 'restarter/auxiliary_state'), 'method_failed')
})

for (const [what, context, text] of [
  [
    'a missing working directory',
    '<method_context working_directory="/not/there"/>',
    'chdir: No such file or directory ("/not/there")',
  ],
  [
    'a user whose home is missing',
    '<method_context><method_credential user="nobody"/></method_context>',
    'chdir: No such file or directory ("/nonexistent")',
  ],
  [
    'a working directory that is none',
    '<method_context working_directory="/etc/passwd"/>',
    'chdir: Not a directory ("/etc/passwd")',
  ],
] as const)
  methods(`${what} is found by the method's own process, and is maintenance`, async () => {
    const fmri = await addService(world, { start: '/bin/echo ran', context, enabled: true })
    await world.reaches(fmri, 'maintenance')
    assert.equal(startdLines(world, fmri).slice(2), [
      'Executing start method ("/bin/echo ran").',
      'svc.startd could not set context for method: ',
      text,
      'Method "start" exited with status 96.',
    ])
    assert.not.match(world.log(fmri), /^ran$/m)
    assert.is(await property(world, fmri, 'restarter/auxiliary_state'), 'method_failed')
  })

methods('a context that cannot be is maintenance, and nothing is executed', async () => {
  const context = '<method_context><method_credential user="ghost"/></method_context>'
  const fmri = await addService(world, { start: '/bin/echo ran', context, enabled: true })
  await world.reaches(fmri, 'maintenance')
  assert.equal(startdLines(world, fmri).slice(2), [
    'Could not interpret "user" property value "ghost", error 2.',
  ])
  assert.is(await property(world, fmri, 'restarter/auxiliary_state'), 'method_failed')
})

methods('a method without any context runs as root in /, whatever the home of root', async () => {
  const fmri = await addService(world, { start: '/bin/sh -c pwd', duration: 'transient', enabled: true })
  await world.reaches(fmri, 'online')
  assert.ok(world.log(fmri).split('\n').includes(world.path('/').replace(/\/$/, '')), world.log(fmri))
})

if (process.getuid?.() === 0)
  methods('a method runs as the user of its context', async () => {
    const context =
      '<method_context working_directory="/"><method_credential user="nobody"/></method_context>'
    const fmri = await addService(world, {
      start: '/usr/bin/id -u',
      context,
      duration: 'transient',
      enabled: true,
    })
    await world.reaches(fmri, 'online')
    assert.match(world.log(fmri), /^65534$/m)
  })

for (const code of [95, 96, 99, 100])
  methods(`exit ${code} is maintenance at once`, async () => {
    const fmri = await addService(world, { start: `/bin/sh -c 'exit ${code}'`, enabled: true })
    await world.reaches(fmri, 'maintenance')
    assert.is(startdLines(world, fmri).filter((l) => l?.startsWith('Method "start" exited with')).length, 1)
    assert.is(await property(world, fmri, 'restarter/auxiliary_state'), 'method_failed')
    assert.is(await property(world, fmri, 'restarter/start_method_waitstatus'), String(code * 256))
  })

methods('any other failure is tried three times', async () => {
  const fmri = await addService(world, { start: `/bin/sh -c 'exit 1'`, enabled: true })
  await world.reaches(fmri, 'maintenance')
  const once = [`Executing start method ("/bin/sh -c 'exit 1'").`, 'Method "start" exited with status 1.']
  assert.equal(startdLines(world, fmri).slice(2), [...once, ...once, ...once])
  assert.is(await property(world, fmri, 'restarter/auxiliary_state'), 'fault_threshold_reached')
  // The failures are counted until one succeeds; a clear is no success.
  await world.run('svcadm', ['clear', fmri])
  await world.reaches(fmri, 'maintenance')
  assert.equal(startdLines(world, fmri).slice(-4), [
    'Leaving maintenance because clear requested.',
    'Enabled.',
    ...once,
  ])
})

methods('a success in between forgets the failures before', async () => {
  // Fails at its first, second, fourth and fifth start.
  const script = world.write(
    '/opt/now-and-then',
    '#!/bin/sh\necho x >>"$ROOT/tries"\n[ $(($(wc -l <"$ROOT/tries") % 3)) -eq 0 ]\n',
  )
  const fmri = await addService(world, { start: script, duration: 'transient', enabled: true })
  await world.reaches(fmri, 'online')
  await world.run('svcadm', ['restart', fmri])
  for (const end = Date.now() + 8000; Date.now() < end; await sleep(20))
    if (startdLines(world, fmri).filter((l) => l === 'Method "start" exited with status 0.').length === 2)
      break
  await world.reaches(fmri, 'online')
  assert.is(startdLines(world, fmri).filter((l) => l === 'Method "start" exited with status 1.').length, 4)
})

methods('a method that a signal ends is tried three times', async () => {
  const fmri = await addService(world, { start: `/bin/sh -c 'kill -9 $$'`, enabled: true })
  await world.reaches(fmri, 'maintenance')
  assert.is(
    startdLines(world, fmri).filter((l) => l === 'Method "start" failed due to signal KILL.').length,
    3,
  )
  assert.is(await property(world, fmri, 'restarter/start_method_waitstatus'), '9')
})

methods('a start that takes too long is killed and counts as failed', async () => {
  await world.reaches(slow, 'maintenance')
  const lines = startdLines(world, slow)
  assert.is(
    lines.filter((l) => /^Method or service exit timed out\. {2}Killing contract \d+\.$/.test(l ?? ''))
      .length,
    3,
  )
  assert.is(lines.filter((l) => l === 'Method "start" failed due to signal KILL.').length, 3)
})

methods('with timeout_retry=false one start that takes too long is enough', async () => {
  const fmri = await addService(world, {
    ...{ start: '/bin/sleep 100', timeout: 1, enabled: true },
    duration: 'contract"/><propval name="timeout_retry" type="boolean" value="false',
  })
  await world.reaches(fmri, 'maintenance')
  const timeouts = startdLines(world, fmri).filter((l) => l?.startsWith('Method or service exit timed out.'))
  assert.is(timeouts.length, 1)
})

methods('without a refresh method a refresh succeeds', async () => {
  const fmri = await addService(world, { duration: 'transient', enabled: true })
  await world.reaches(fmri, 'online')
  await world.run('svcadm', ['refresh', fmri])
  await sleep(100)
  await world.reaches(fmri, 'online')
  assert.equal(startdLines(world, fmri).slice(-2), [
    'Rereading configuration.',
    "No 'refresh' method defined.  Treating as :true.",
  ])
})

methods('the exit of a method that is asked again is told as it is', async () => {
  const fmri = await addService(world, {
    ...{ start: '/bin/true', duration: 'transient', enabled: true },
    refresh: `/bin/sh -c 'exit 3'`,
  })
  await world.reaches(fmri, 'online')
  await world.run('svcadm', ['refresh', fmri])
  await world.reaches(fmri, 'maintenance')
  assert.is(startdLines(world, fmri).filter((l) => l === 'Method "refresh" exited with status 3.').length, 3)
})

methods('exit 94 is a service without processes', async () => {
  const fmri = await addService(world, { start: `/bin/sh -c 'exit 94'`, enabled: true })
  await world.reaches(fmri, 'online')
  await sleep(500)
  await world.reaches(fmri, 'online')
  assert.is(startdLines(world, fmri).filter((l) => l?.startsWith('Stopping')).length, 0)
})

methods.run()
