/**
 * Services under the real daemontools, on a sandbox whose hosts.yaml says so. Needs svscan on this machine
 * (Debian: daemontools), since the sandbox has this machine's programs; without it nothing is tested.
 */
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findProgram } from '../host/shells.ts'
import { ask, askUntil, freePort } from './tcp.ts'
import { packTiny, tinyDaemon, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const tests = suite('a service under daemontools')
const service = findProgram('svscan') ? tests : tests.skip
const workshop = new Workshop()
const port = await freePort()
const one = packTiny(workshop.archives, '1.0')
const two = packTiny(workshop.archives, '2.0')
const host = { address: 'sandbox', supervisor: 'daemontools', recipes: { tiny: '*' } }
workshop.write('hosts.yaml', JSON.stringify({ hosts: { box: host } }))

function write(archive = one, fields: object = {}, more: object = {}): void {
  const tiny = tinyDaemon(port, { startTimeout: 5, ...fields })
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive, { services: { tiny }, ...more }))
}

const version = () => ask(port, '')
const answers = (wanted: string | undefined) => askUntil((answer) => answer === wanted, 15, version)
const on = async (command: string) => (await workshop.login('box', command)).stdout
/** Without what supervise and multilog write: pipes that no test must open, and logs. */
const installed = () =>
  on('cd /opt/local && find . -type f ! -path "*/supervise/*" ! -path "./var/*" | sort | xargs cksum')
const svstat = () => on('svstat /service/tiny')
const pidOf = async (path: string) => /\(pid (\d+)\)/.exec(await on(`svstat ${path}`))?.[1]

service('fails where no svscan runs, and leaves nothing', async () => {
  write()
  const none = await workshop.build('box')
  assert.is(none.code, 1)
  assert.match(none.stdout, /there is no \/service for svscan to watch/)
  await on('mkdir /service')
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 1)
  assert.match(stdout, /no svscan watches \/service: start one there/)
  assert.equal(workshop.prefix('box'), [])
  assert.is(await on('ls /service'), '')
})

service('comes up, and answers', async () => {
  await on('setsid svscan /service </dev/null >/dev/null 2>&1 &')
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 0, stdout)
  assert.is(await version(), 'tiny 1.0')
  assert.match(await svstat(), /: up \(pid \d+\)/)
  assert.match((await workshop.command('status', 'box')).stdout, /tiny +1\.0 .* online/)
  const verified = await workshop.command('verify', 'box')
  assert.is(verified.code, 0, verified.stdout + verified.stderr)
  assert.match((await workshop.build('box', '--dry-run')).stdout, /up to date/)
})

service('is up again after it was killed', async () => {
  const before = await pidOf('/service/tiny')
  await on(`kill -9 ${before}`)
  assert.is(await answers('tiny 1.0'), 'tiny 1.0')
  assert.is.not(await pidOf('/service/tiny'), before)
})

service('answers with the new version after an upgrade; its log runs on', async () => {
  const log = await pidOf('/service/tiny/log')
  write(two)
  assert.is((await workshop.build('box')).code, 0)
  assert.is(await version(), 'tiny 2.0')
  assert.is(await pidOf('/service/tiny/log'), log)
  write(two, { log: { size: 8192, count: 3 } })
  assert.is((await workshop.build('box')).code, 0)
  assert.is.not(await pidOf('/service/tiny/log'), log)
  assert.match(
    await on('ps -o args= -p $(svstat /service/tiny/log | sed "s/.*pid \\([0-9]*\\).*/\\1/")'),
    /s8192 n3/,
  )
  write()
  assert.is((await workshop.build('box')).code, 0)
  assert.is(await version(), 'tiny 1.0')
})

for (const [name, faulty, says] of [
  [
    'dies at once',
    { command: ['${prefix}/bin/tiny', '--die'], ready: undefined, startTimeout: 60 },
    /tiny: no wish to live/,
  ],
  [
    'goes to the background',
    { command: ['/bin/sh', '-c', 'sleep 3 &'], ready: undefined, startTimeout: 60 },
    /goes to the background/,
  ],
  ['has a command that does not exist', { command: ['${prefix}/bin/tinny'] }, /tinny.*not found/],
  [
    'hangs',
    { command: ['/bin/sleep', '1000'] },
    /does not accept connections on 127\.0\.0\.1:\d+ within 5 s/,
  ],
  [
    'has an account that does not exist',
    { user: 'nobody-knows-him' },
    /there is no account nobody-knows-him/,
  ],
  [
    'has a group that its account does not',
    { user: 'admin', group: 'sys' },
    /setuidgid gives admin its own group \w+, not sys/,
  ],
] as const) {
  service(`that ${name} after an upgrade: the version before is back, and answers`, async () => {
    const before = await installed()
    write(two, faulty)
    const { code, stdout } = await workshop.build('box')
    assert.is(code, 1, stdout)
    assert.match(stdout, /start tiny failed \(exit code 1\)/)
    assert.match(stdout, says)
    assert.is(await answers('tiny 1.0'), 'tiny 1.0')
    assert.is(await installed(), before)
    write()
    assert.is((await workshop.build('box', '--dry-run')).code, 0)
  })
}

service('whose port another program has fails, though that port answers', async () => {
  const stranger = createServer((socket) => socket.on('error', () => {}).end('stranger\n'))
  const taken = await new Promise<number>((resolve) =>
    stranger.listen(0, '127.0.0.1', () => resolve((stranger.address() as { port: number }).port)),
  )
  write(two, {
    command: ['${prefix}/bin/tiny', '--serve', String(taken)],
    ready: { port: taken },
    startTimeout: 60,
  })
  const { code, stdout } = await workshop.build('box')
  stranger.close()
  assert.is(code, 1, stdout)
  assert.match(stdout, /Address already in use/)
  assert.is(await answers('tiny 1.0'), 'tiny 1.0')
})

service('runs by the script that its recipe brings', async () => {
  workshop.write(
    'recipes/tiny/run',
    `#!/bin/sh\n# by hand\nexec 2>&1\nexec ${'${prefix}'}/bin/tiny --serve ${port}\n`,
  )
  write(one, { own: { run: 'tiny/run' } })
  const dry = await workshop.build('box', '--dry-run', '-v')
  assert.match(dry.stdout, /\+# by hand\n/)
  assert.is((await workshop.build('box')).code, 0)
  assert.is(await version(), 'tiny 1.0')
  assert.is(await on('sed -n 2p /service/tiny/run'), '# by hand')
  write()
  assert.is((await workshop.build('box')).code, 0)
})

service('that daemontools cannot watch is refused before anything is done', async () => {
  write(two, { model: 'background' })
  const { code, stdout, stderr } = await workshop.build('box')
  assert.is(code, 69, stdout + stderr)
  assert.match(stdout + stderr, /daemontools cannot run the service tiny: model background/)
  assert.is(await version(), 'tiny 1.0')
})

service('that an administrator took down stays so after an upgrade, and after one that failed', async () => {
  await on('svc -d /service/tiny; sleep 1')
  write(two, {}, { smoke: [{ command: ['${prefix}/bin/tiny'], stdout: 'something else' }] })
  assert.is((await workshop.build('box')).code, 1)
  assert.match(await svstat(), /: down \d+ seconds, normally up/)
  write(two)
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 0, stdout)
  assert.match(await svstat(), /: down \d+ seconds, normally up/)
  assert.match((await workshop.command('status', 'box')).stdout, /tiny +2\.0 .* disabled/)
  await on('svc -u /service/tiny')
  assert.is(await answers('tiny 2.0'), 'tiny 2.0')
})

service('keeps the down file of an administrator', async () => {
  await on('touch /service/tiny/down')
  write()
  assert.is((await workshop.build('box')).code, 0)
  assert.is(await version(), 'tiny 1.0')
  assert.match(await svstat(), /normally down/)
  await on('rm /service/tiny/down')
})

service('whose link somebody removed is linked again', async () => {
  await on('cd /service/tiny && rm /service/tiny && svc -dx . log; sleep 1')
  const { stdout } = await workshop.build('box', '--dry-run')
  assert.match(stdout, /daemontools:tiny is not there any more/)
  assert.is((await workshop.build('box')).code, 0)
  assert.is(await version(), 'tiny 1.0')
})

service('keeps its hands off a service of that name that is not its own', async () => {
  await workshop.command('remove', 'box', 'tiny', '--yes')
  await on('mkdir /service/tiny')
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 1)
  assert.match(stdout, /prepare failed .*: \/service\/tiny is somebody else's\n/)
  // svscan may have begun to supervise it meanwhile.
  await on(
    'mv /service/tiny /service/.gone && svc -dx /service/.gone 2>/dev/null; sleep 1; rm -rf /service/.gone',
  )
})

service('is left down when the recipe wants so, and removal takes all of it away', async () => {
  write(one, { enabled: false })
  assert.is((await workshop.build('box')).code, 0)
  assert.match(await svstat(), /: down \d+ seconds/)
  await on('svc -u /service/tiny')
  assert.is(await answers('tiny 1.0'), 'tiny 1.0')
  const { code, stdout, stderr } = await workshop.command('remove', 'box', 'tiny', '--yes')
  assert.is(code, 0, stdout + stderr)
  assert.is(await on('ls /service'), '')
  assert.is(await version(), undefined)
  assert.not(existsSync(join(workshop.root('box'), 'opt/local/svc/daemontools/tiny')))
  assert.is(await on('ps -e -o args= | grep "supervise tiny" | grep -v grep'), '')
})

tests.after(() => workshop.close())
tests.run()
