/**
 * What an administrator does with services: services, start, stop, restart, refresh, logs --service; under SMF, and under
 * daemontools where this machine has it.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findProgram } from '../host/shells.ts'
import { ask, askUntil, freePort } from './tcp.ts'
import { packTiny, tinyDaemon, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const REFRESH = ['/bin/sh', '-c', 'test ! -e /tmp/broken && echo read it again >>/tmp/refreshed']

interface Kind {
  supervisor: 'smf' | 'daemontools'
  /** The log on the host. */
  log: string
  prepare(workshop: Workshop): Promise<unknown>
  identifier: string
  /** A file without which it does not come up. */
  broken: string
  /** What services says then. */
  why: RegExp
}

const kinds: Kind[] = [
  {
    supervisor: 'smf',
    log: '/var/svc/log/application-build-stack-tiny:default.log',
    identifier: 'svc:/application/build-stack/tiny:default',
    broken: '/opt/local/svc/method/tiny',
    why: /tiny +maintenance .*\n {6}Method failed/,
    prepare: async () => {},
  },
  {
    supervisor: 'daemontools',
    log: '/opt/local/var/log/tiny/current',
    identifier: 'daemontools:tiny',
    // It is started again and again.
    broken: '/opt/local/bin/tiny',
    why: /tiny +(online|offline) .*\n {6}.*tiny.*not found/,
    prepare: (workshop) =>
      workshop.login('box', 'mkdir /service && setsid svscan /service </dev/null >/dev/null 2>&1 &'),
  },
]

for (const { supervisor, log, identifier, broken, why, prepare } of kinds) {
  const tests = suite(`commands for services under ${supervisor}`)
  const test = supervisor === 'smf' || findProgram('svscan') ? tests : tests.skip
  const workshop = new Workshop()
  const port = await freePort()
  const archive = packTiny(workshop.archives, '1.0')
  workshop.write(
    'hosts.yaml',
    JSON.stringify({ hosts: { box: { address: 'sandbox', supervisor, recipes: { tiny: '*' } } } }),
  )
  const command = (...words: string[]) => workshop.command(...words)
  const version = () => ask(port, '')
  const answers = (wanted: string | undefined) => askUntil((answer) => answer === wanted, 15, version)
  const write = (fields: object = {}) => {
    const tiny = tinyDaemon(port, { startTimeout: 5, refresh: REFRESH, ...fields })
    workshop.write('recipes/tiny.yaml', tinyRecipe(archive, { services: { tiny } }))
  }
  const row = async (): Promise<Record<string, unknown>> => {
    const { code, stdout } = await command('services', 'box', '--json')
    const line = JSON.parse(stdout.trim() || '{}') as Record<string, unknown>
    return { ...line, code }
  }

  test('a host without services says so', async () => {
    write()
    await workshop.command('sandbox', 'start', 'box')
    await prepare(workshop)
    const { code, stdout } = await command('services', 'box')
    assert.is(code, 0)
    assert.is(stdout, "box: no service of build-stack's\n")
    const none = await command('stop', 'box', 'tiny')
    assert.is(none.code, 64)
    assert.match(none.stdout + none.stderr, /box has no service "tiny"/)
  })

  test('services shows what runs', async () => {
    const built = await workshop.build('box')
    assert.is(built.code, 0, built.stdout)
    const { code, pids, ...rest } = await row()
    assert.is(code, 0)
    assert.ok((pids as number[]).length > 0)
    assert.equal(
      { ...rest, since: typeof rest.since },
      {
        ...{
          host: 'box',
          service: 'tiny',
          id: identifier,
          state: 'online',
          nextState: null,
          since: 'string',
        },
        ...{ atBoot: true, recipe: 'tiny', version: '1.0', log, reason: null },
      },
    )
    const { stdout } = await command('services', 'box')
    assert.match(stdout, /^ {2}service {2,}state .*log$/m)
    assert.match(stdout, /^ {2}tiny {4,}online .* yes {6,}tiny 1\.0 /m)
  })

  test('stop stops it for good: an upgrade leaves it stopped', async () => {
    const { code, stdout } = await command('stop', 'box', 'tiny')
    assert.is(code, 0, stdout)
    assert.match(stdout, /tiny 1\.0.*stopped/)
    assert.is(await version(), undefined)
    const stopped = await row()
    assert.equal([stopped.code, stopped.state, stopped.atBoot], [0, 'disabled', false])
    write({ startTimeout: 6 })
    assert.is((await workshop.build('box')).code, 0)
    assert.is(await version(), undefined)
    assert.is((await row()).state, 'disabled')
  })

  test('what is stopped is neither restarted nor refreshed, and that is said', async () => {
    for (const [verb, done] of [
      ['restart', 'restarted'],
      ['refresh', 'refreshed'],
    ] as const) {
      const { code, stdout, stderr } = await command(verb, 'box', 'tiny')
      assert.is(code, 1)
      assert.match(stdout + stderr, new RegExp(`tiny is disabled and cannot be ${done}`))
      assert.match(stdout + stderr, /build-stack start box tiny/)
    }
  })

  test('start starts it and waits until it answers; the recipe’s name will do', async () => {
    const dry = await command('start', 'box', 'tiny', '--dry-run')
    assert.is(dry.code, 2)
    assert.match(dry.stdout, /^box: 1 to start\n {2}\+ tiny 1\.0 {2}start\n(.*\n)? {6}asked for\n/)
    const { code, stdout } = await command('start', 'box', 'tiny')
    assert.is(code, 0, stdout)
    assert.is(await version(), 'tiny 1.0')
    const started = await row()
    assert.equal([started.code, started.state, started.atBoot], [0, 'online', true])
    assert.is((await command('start', 'box', identifier)).code, 0)
  })

  test('restart gives it another process', async () => {
    const before = (await row()).pids
    const { code, stdout } = await command('restart', 'box', 'tiny')
    assert.is(code, 0, stdout)
    assert.is(await version(), 'tiny 1.0')
    assert.is.not(JSON.stringify((await row()).pids), JSON.stringify(before))
  })

  test('refresh runs its command, and tells when that fails', async () => {
    const { code, stdout } = await command('refresh', 'box', 'tiny')
    assert.is(code, 0, stdout)
    assert.is((await workshop.login('box', 'cat /tmp/refreshed')).stdout, 'read it again')
    await workshop.login('box', 'touch /tmp/broken')
    const failed = await command('refresh', 'box', 'tiny')
    assert.is(failed.code, 1)
    assert.match(failed.stdout + failed.stderr, /the refresh (method )?of .* failed; it runs on as it was/)
    assert.equal([await version(), (await row()).state], ['tiny 1.0', 'online'])
    await workshop.login('box', 'rm /tmp/broken')
  })

  test('what was done is in the history, and its log can be read', async () => {
    const { stdout } = await command('history', 'box', '--json')
    const actions = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { action: string; result: string })
      .map(({ action, result }) => `${action} ${result}`)
    for (const wanted of ['stop done', 'start done', 'restart done', 'refresh done', 'refresh failed'])
      assert.ok(actions.includes(wanted), wanted)
    assert.match((await command('logs', 'box', 'tiny')).stdout, /=== refresh tiny\n/)
  })

  test('logs --service shows the end of its log, and what it goes on to say', async () => {
    const file = join(workshop.root('box'), log)
    for (const word of ['one', 'two', 'three']) appendFileSync(file, `said ${word}\n`)
    const { code, stdout } = await command('logs', 'box', 'tiny', '--service', '--last', '2')
    assert.is(code, 0)
    assert.is(stdout, 'said two\nsaid three\n')
    assert.match((await command('logs', 'box', 'tinny', '--service')).stderr, /did you mean "tiny"/)
    assert.is((await command('logs', 'box', 'tiny', 'build', '--service')).code, 64)

    const seen: string[] = []
    const started = workshop.start(
      ['logs', 'box', 'tiny', '--service', '-f', '--last', '1'],
      (event) => {
        if (event.type === 'error') return
        seen.push(String(event.line))
        if (seen.length === 1) appendFileSync(file, 'said four\nsaid')
        if (seen.length === 2) appendFileSync(file, ' five\n')
        if (seen.length === 3) started.kill('SIGINT')
      },
      [],
      [],
    )
    assert.is((await started.ended).code, 130)
    assert.equal(seen, ['said three', 'said four', 'said five'])
  })

  test('services says why one is not up, and ends with 1', async () => {
    await workshop.login('box', `mv ${broken} ${broken}.away`)
    const failed = await command('restart', 'box', 'tiny')
    assert.is(failed.code, 1)
    assert.match(failed.stdout, /restart tiny failed \(exit code 1\): the service/)
    const { code, stdout } = await command('services', 'box')
    assert.is(code, 1, stdout)
    assert.match(stdout, why)
    assert.match(stdout, /next: build-stack logs box tiny --service; build-stack start box tiny/)
    await workshop.login('box', `mv ${broken}.away ${broken}`)
    const { code: again, stdout: says } = await command('start', 'box', 'tiny')
    assert.is(again, 0, says)
    assert.is(await answers('tiny 1.0'), 'tiny 1.0')
  })

  test('a service that somebody removed is absent', async () => {
    await command('stop', 'box', 'tiny')
    await workshop.login(
      'box',
      supervisor === 'smf'
        ? `svccfg delete ${identifier}`
        : 'cd /service/tiny && rm /service/tiny && svc -dx . log',
    )
    const { code, stdout } = await command('services', 'box')
    assert.is(code, 1)
    assert.match(stdout, /tiny +absent/)
    assert.match(stdout, /next: build-stack box puts tiny back/)
  })

  tests.after(() => workshop.close())
  tests.run()
}
