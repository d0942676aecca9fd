import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BuildService } from '../../runner/desired/build.ts'
import { daemontools } from '../../runner/services/daemontools.ts'
import type { ServiceContext } from '../../runner/services/supervisor.ts'
import { shells } from '../host/shells.ts'
import { sampleAction } from '../plan/sampleAction.ts'
import { PLAIN } from './sampleServices.ts'

const test = suite('services/daemontools')

const LOGGED: BuildService = { ...PLAIN, log: { size: 8192, count: 3 } }

function context(service: Partial<BuildService> = {}): ServiceContext {
  const { build } = sampleAction('tool 1.0', 'install', {})
  return { build, service: { ...LOGGED, ...service }, path: ['/opt/local/bin', '/usr/bin', '/bin'] }
}

test('the files of a service directory', async () => {
  const plain = await daemontools.files(context())
  assert.equal(
    plain.map(({ path, mode }) => [path, mode]),
    [
      ['svc/daemontools/web/run', 0o755],
      ['svc/daemontools/web/log/run', 0o755],
    ],
  )
  const more = await daemontools.files(context({ refresh: ['/bin/kill', '-HUP', '1'] }))
  assert.is(more.at(-1)?.path, 'svc/daemontools/web/refresh')
  assert.match(plain[1]?.content ?? '', /exec multilog t s8192 n3 \/opt\/local\/var\/log\/web\n$/)
})

test('the account comes first, then the limits, then the command', async () => {
  const [run] = await daemontools.files(context({ user: 'www', limits: { memory: 1048576, files: 64 } }))
  assert.match(
    run?.content ?? '',
    /\nexec setuidgid www softlimit -a 1048576 -o 64 \/opt\/local\/bin\/web -c 'it'\\''s'\n$/,
  )
})

for (const shell of shells) {
  test(`hostile values reach the command as they are (${shell.name})`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'build-stack-run-'))
    try {
      const hostile = ['$(touch x)', '`id`', "a'b", '"c"', 'two words', '*', '\\', '!!', '-n']
      const [run] = await daemontools.files(
        context({
          command: ['/usr/bin/printf', '<%s>', ...hostile],
          environment: { VALUE: "$HOME 'x'" },
          directory: folder,
        }),
      )
      const file = join(folder, run?.path ?? '')
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, run?.content ?? '')
      chmodSync(file, 0o755)
      const { stdout } = spawnSync(shell.path, [file], { encoding: 'utf8' })
      assert.is(stdout, hostile.map((word) => `<${word}>`).join(''))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}

test('the words for daemontools.sh', () => {
  const one = context({ user: 'www', enabled: false, ready: { address: '::1', port: 80, path: '/up' } })
  assert.equal(daemontools.start(one), [
    'start',
    'daemontools:web',
    '/opt/local/svc/daemontools/web',
    '/opt/local/var/log/web',
    'www',
    '',
    'false',
    '60',
    'http',
    '::1',
    '80',
    '/up',
  ])
  assert.equal(daemontools.stop(one), ['stop', 'daemontools:web', '30'])
})

test('the words for what an administrator asks', () => {
  const web = { ...LOGGED, prefix: '/opt/local', ready: { port: 80, address: '::1' } }
  const awaited = ['/opt/local/var/log/web', '60', 'port', '::1', '80']
  assert.equal(daemontools.obey('start', web), ['enable', 'daemontools:web', ...awaited])
  assert.equal(daemontools.obey('stop', web), ['disable', 'daemontools:web', '30'])
  assert.equal(daemontools.obey('restart', web), ['restart', 'daemontools:web', '30', ...awaited])
  assert.equal(daemontools.obey('refresh', web), ['refresh', 'daemontools:web'])
})

test('what it cannot do is said', () => {
  assert.is(daemontools.problem(LOGGED), undefined)
  for (const [service, says] of [
    [{ model: 'background' }, /model background/],
    [{ model: 'oneshot' }, /model oneshot/],
    [{ privileges: ['net_privaddr'] }, /privileges net_privaddr/],
    [{ properties: { config: { cores: '2' } } }, /properties config/],
    [{ stop: ['/bin/true'] }, /SIGTERM/],
  ] as const)
    assert.match(daemontools.problem({ ...LOGGED, ...(service as Partial<BuildService>) }) ?? '', says)
})

test.run()
