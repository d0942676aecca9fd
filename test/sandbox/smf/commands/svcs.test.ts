import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { full, short } from '../../../../runner/sandbox/smf/clock.ts'
import { findColumn, header } from '../../../../runner/sandbox/smf/commands/svcsColumns.ts'
import { makeWorld, manifest, type TestWorld } from '../world.ts'

let world: TestWorld
const svcs = (...args: string[]) => world.run('svcs', args)
const LOW = 'svc:/application/low:default'
const HIGH = 'svc:/application/high:default'
const MOVING = 'svc:/application/moving:default'

const listing = suite('svcs')

listing.before(async () => {
  world = await makeWorld()
  const template = `<template><common_name><loctext xml:lang="C">Lower
    service</loctext></common_name><documentation><manpage title="lowd" section="8"/></documentation></template>`
  const parts = { duration: 'transient', start: '/bin/true' }
  world.write('/low.xml', manifest('application/low', { ...parts, template }))
  const dependencies = `<dependency name="low" grouping="require_all" restart_on="none" type="service">
    <service_fmri value="${LOW}"/></dependency>`
  world.write('/high.xml', manifest('application/high', { ...parts, dependencies, enabled: true }))
  world.write(
    '/moving.xml',
    manifest('application/moving', { start: `/bin/sh -c 'sleep 2; exit 95'`, enabled: true }),
  )
  for (const name of ['low', 'high', 'moving'])
    assert.is((await world.run('svccfg', ['import', `/${name}.xml`])).code, 0)
})
listing.after(() => world.close())

listing('columns are padded, the last one is not', async () => {
  const { stdout } = await svcs(LOW, HIGH)
  const stime = ' ?\\d?\\d:\\d\\d:\\d\\d'
  assert.match(
    stdout,
    new RegExp(
      `^STATE          STIME    FMRI\ndisabled       ${stime} ${LOW}\noffline        ${stime} ${HIGH}\n$`,
    ),
  )
})

listing('state and next state, while moving and at rest', async () => {
  assert.is((await svcs('-H', '-o', 'state,nstate', MOVING)).stdout, 'offline        online\n')
  assert.is((await svcs('-H', '-o', 'state', MOVING)).stdout, 'offline*\n')
  assert.is((await svcs('-H', '-o', 's,sta', MOVING)).stdout, '0* OFF*\n')
  assert.is((await svcs('-H', '-o', 'sn,nsta,n', MOVING)).stdout, '01 ON   1\n')
  assert.is((await svcs('-H', '-o', 'state,nstate', HIGH)).stdout, 'offline        -\n')
})

listing('without operands only what is enabled is shown, with -a all', async () => {
  const enabled = (await svcs('-H', '-o', 'fmri')).stdout
  assert.match(enabled, HIGH)
  assert.not.match(enabled, LOW)
  assert.match((await svcs('-aH', '-o', 'fmri')).stdout, LOW)
})

listing('columns by name', async () => {
  const { stdout } = await svcs('-H', '-o', 'svc,inst,ctid,desc', LOW)
  assert.match(stdout, /^application\/low {6}default {15}-|^application\/low {6}default {14} {5}- Lower/)
  assert.is(header([findColumn('ctid'), findColumn('fmri')].flatMap((c) => c ?? [])), 'CTID   FMRI')
  const unknown = await svcs('-o', 'colour')
  assert.equal(unknown, { code: 1, stdout: '', stderr: 'svcs: Unknown column "colour".\n' })
})

listing('rows are sorted by state, or as asked for', async () => {
  const fmris = async (...args: string[]) =>
    (await svcs('-H', '-o', 'fmri', ...args)).stdout.trim().split('\n')
  assert.equal(await fmris('-s', 'fmri', LOW, HIGH), [HIGH, LOW])
  assert.equal(await fmris('-S', 'fmri', LOW, HIGH), [LOW, HIGH])
  assert.equal(await fmris(HIGH, LOW), [LOW, HIGH])
})

listing('an operand without match is an error, the others are shown', async () => {
  const { code, stdout, stderr } = await svcs('-o', 'fmri', 'nothing', LOW)
  assert.equal(
    { code, stdout, stderr },
    {
      code: 1,
      stdout: `FMRI\n${LOW}\n`,
      stderr: "svcs: Pattern 'nothing' doesn't match any instances\n",
    },
  )
})

listing('wrong options are usage, status 2', async () => {
  for (const args of [['-y'], ['-l'], ['-x', '-H'], ['-d', '-D', LOW], ['-o']]) {
    const { code, stderr } = await svcs(...args)
    assert.is(code, 2, args.join(' '))
    assert.match(stderr, /^Usage: svcs /)
  }
})

listing('-d and -D follow dependencies both ways', async () => {
  assert.is((await svcs('-dH', '-o', 'fmri', HIGH)).stdout, `${LOW}\n`)
  assert.is((await svcs('-DH', '-o', 'fmri', LOW)).stdout, `${HIGH}\n`)
})

listing('-L is the log', async () =>
  assert.is((await svcs('-L', LOW)).stdout, '/var/svc/log/application-low:default.log\n'),
)

listing('-l tells all', async () => {
  const { stdout } = await svcs('-l', HIGH)
  const time = '[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}'
  assert.match(
    stdout,
    new RegExp(
      [
        `^fmri         ${HIGH}`,
        'enabled      true',
        'state        offline',
        'next_state   none',
        `state_time   ${time}`,
        'logfile      /var/svc/log/application-high:default.log',
        'restarter    svc:/system/svc/restarter:default',
        `dependency   require_all/none ${LOW} \\(disabled\\)`,
        '$',
      ].join('\n'),
    ),
  )
  await world.run('svcadm', ['enable', '-t', LOW])
  assert.match((await svcs('-l', LOW)).stdout, 'enabled      true (temporary)\n')
  for (const fmri of [LOW, HIGH]) await world.run('svcadm', ['disable', '-s', fmri])
  await world.run('svcadm', ['enable', HIGH])
  await world.reaches(HIGH, 'offline')
})

listing('-x explains what does not run, and whom that hurts', async () => {
  const { stdout } = await svcs('-x', LOW)
  const lines = stdout.replace(/since .*/, 'since T').split('\n')
  assert.equal(lines, [
    'svc:/application/low:default (Lower\n    service)'.split('\n')[0],
    '    service)',
    ' State: disabled since T',
    'Reason: Disabled by an administrator.',
    '   See: http://illumos.org/msg/SMF-8000-05',
    '   See: lowd(8)',
    '   See: /var/svc/log/application-low:default.log',
    'Impact: 1 dependent service is not running.  (Use -v for list.)',
    '',
  ])
  const verbose = (await svcs('-xv', LOW)).stdout
  assert.match(verbose, '   See: man -M /usr/share/man/ -s 8 lowd\n')
  assert.match(verbose, `Impact: 1 dependent service is not running:\n        ${HIGH}\n`)
  const high = (await svcs('-x', HIGH)).stdout
  assert.match(high, `Reason: Service ${LOW} is disabled.\n   See: http://illumos.org/msg/SMF-8000-GE\n`)
  assert.match(high, 'Impact: This service is not running.\n')
})

listing('-x of what runs says so, and without operands nothing when all is well', async () => {
  const { stdout } = await svcs('-x', 'svc:/milestone/network:default')
  assert.match(stdout, ' State: online since ')
  assert.match(stdout, 'Impact: None.\n')
  await world.reaches(MOVING, 'maintenance')
  const all = (await svcs('-x')).stdout
  assert.match(all, `${MOVING} (?)\n State: maintenance since `)
  assert.match(
    all,
    'Reason: Start method exited with $SMF_EXIT_ERR_FATAL.\n   See: http://illumos.org/msg/SMF-8000-KS\n',
  )
  // LOW is disabled, and shown because it holds back another.
  assert.match(all, `${LOW} (Lower`)
  for (const fmri of [MOVING, HIGH]) await world.run('svcadm', ['disable', '-s', fmri])
  assert.equal(await svcs('-x'), { code: 0, stdout: '', stderr: '' })
})

listing('-x tells how a start method failed', async () => {
  world.write('/bad.xml', manifest('application/bad', { start: `/bin/sh -c 'exit 7'`, enabled: true }))
  await world.run('svccfg', ['import', '/bad.xml'])
  await world.reaches('svc:/application/bad:default', 'maintenance')
  assert.match(
    (await svcs('-x', 'bad')).stdout,
    'Reason: Start method failed repeatedly, last exited with status 7.\n   See: http://illumos.org/msg/SMF-8000-KS\n',
  )
})

listing.run()

const moments = suite('moments')

moments('STIME is a time, a day or a year by its age', () => {
  const now = new Date(2025, 10, 24, 12, 0, 0)
  assert.is(short(new Date(2025, 10, 24, 6, 1, 2), now), ' 6:01:02')
  assert.is(short(new Date(2025, 10, 3), now), 'Nov_03  ')
  assert.is(short(new Date(2023, 1, 3), now), '2023    ')
  assert.is(full(new Date(2025, 10, 4, 6, 1, 2)), 'Tue Nov  4 06:01:02 2025')
})

moments.run()
