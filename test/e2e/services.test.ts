/**
 * An upgrade whose service does not come up ends with the version before in its place, running. With a daemon that builds
 * in a second and tells its version over TCP; what needs no new build is tested with memcached.
 */
import { createServer } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sampleManifest } from '../serviceBundle/sampleManifest.ts'
import { ask, askUntil, freePort } from './tcp.ts'
import { packTiny, tinyDaemon, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const FMRI = 'svc:/application/build-stack/tiny:default'
const workshop = new Workshop()
const port = await freePort()
const one = packTiny(workshop.archives, '1.0')
const two = packTiny(workshop.archives, '2.0')
workshop.write('hosts.yaml', 'hosts:\n  box:\n    address: sandbox\n    recipes:\n      tiny: "*"\n')

function write(archive = one, service: object = {}, more: object = {}): void {
  const tiny = tinyDaemon(port, { startTimeout: 5, ...service })
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive, { services: { tiny }, ...more }))
}

const version = () => ask(port, '')
const answers = (wanted: string | undefined) => askUntil((answer) => answer === wanted, 10, version)
const state = async () => (await workshop.login('box', `svcs -Ho state ${FMRI}`)).stdout

const service = suite('the service of a recipe')

service('that fails at its first installation leaves nothing', async () => {
  write(one, { command: ['${prefix}/bin/tiny', '--die'], ready: undefined, startTimeout: 60 })
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 1, stdout)
  assert.match(stdout, /start tiny failed \(exit code 1\): the service does not stay up/)
  assert.match(stdout, /tiny: no wish to live/)
  assert.equal(workshop.prefix('box'), [])
  assert.is((await workshop.login('box', `svcs -H ${FMRI}`)).code, 1)
})

service('comes online, and answers', async () => {
  write()
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 0, stdout)
  assert.is(await version(), 'tiny 1.0')
})

service('answers with the new version after an upgrade', async () => {
  write(two)
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 0, stdout)
  assert.is(await version(), 'tiny 2.0')
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
  ['has a command that does not exist', { command: ['${prefix}/bin/tinny'] }, /tinny/],
  ['never answers', { command: ['/bin/sleep', '1000'] }, /does not accept connections on 127\.0\.0\.1:\d+/],
  [
    'goes to the background although it should not',
    { command: ['/bin/sh', '-c', 'sleep 3 &'], ready: undefined, startTimeout: 60 },
    /does not stay online/,
  ],
  [
    'has a start that hangs',
    { command: ['/bin/sleep', '1000'], model: 'background', startTimeout: 1 },
    /Method or service exit timed out\. {2}Killing contract/,
  ],
  [
    'has an account that does not exist',
    { user: 'nobody-knows-him' },
    /Could not interpret "user" property value "nobody-knows-him", error 2\./,
  ],
] as const) {
  service(`that ${name} after an upgrade: the version before is back, and answers`, async () => {
    const before = workshop.prefix('box')
    write(two, faulty)
    const { code, stdout } = await workshop.build('box')
    assert.is(code, 1, stdout)
    assert.match(stdout, /start tiny failed \(exit code 1\)/)
    assert.match(stdout, says)
    assert.equal(workshop.prefix('box'), before)
    assert.is(await answers('tiny 1.0'), 'tiny 1.0')
    assert.is(await state(), 'online')
    write()
    assert.is((await workshop.build('box', '--dry-run')).code, 0)
  })
}

service('whose port another program has fails, though that port answers', async () => {
  const stranger = createServer((socket) => socket.on('error', () => {}).end('stranger\n'))
  const taken = await new Promise<number>((resolve) =>
    stranger.listen(0, '127.0.0.1', () => resolve((stranger.address() as { port: number }).port)),
  )
  write(two, { command: ['${prefix}/bin/tiny', '--serve', String(taken)], ready: { port: taken } })
  const { code, stdout } = await workshop.build('box')
  stranger.close()
  assert.is(code, 1, stdout)
  assert.match(stdout, /Address already in use/)
  assert.is(await answers('tiny 1.0'), 'tiny 1.0')
})

service('that the recipe has no more runs again when the rest of the upgrade fails', async () => {
  const before = workshop.prefix('box')
  const onlyInPlace = 'test ! -e /opt/local/bin/tiny || case $0 in ./*) ;; *) exit 5 ;; esac'
  write(two, {}, { services: {}, smoke: [{ command: ['/bin/sh', '-c', onlyInPlace, '${prefix}'] }] })
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 1, stdout)
  assert.match(stdout, /test in place failed/)
  assert.equal(workshop.prefix('box'), before)
  assert.is(await answers('tiny 1.0'), 'tiny 1.0')
})

service('whose stop method stops nothing is killed by SMF after a while', async () => {
  write(one, { stop: ['true'], stopTimeout: 2 })
  assert.is((await workshop.build('box')).code, 0)
  write(two)
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 0, stdout)
  assert.is(await version(), 'tiny 2.0')
  write()
  assert.is((await workshop.build('box')).code, 0)
})

service(
  'runs by the manifest and the method that its recipe brings, and a dry run shows what differs',
  async () => {
    const own = { manifest: 'tiny/tiny.xml', method: 'tiny/method' }
    const script = (word: string) => `#!/sbin/sh\n# ${word}\nexec ${'${prefix}'}/bin/tiny --serve ${port}\n`
    workshop.write('recipes/tiny/tiny.xml', sampleManifest())
    workshop.write('recipes/tiny/method', script('first'))
    write(one, { own })
    assert.is((await workshop.build('box')).code, 0)
    assert.is(await version(), 'tiny 1.0')
    const method = (await workshop.login('box', `svcprop -p start/exec -p usr/grouping ${FMRI}`)).stdout
    assert.equal(method.split('\n'), ['/opt/local/svc/method/tiny\\ start', 'require_any'])
    assert.is((await workshop.build('box', '--dry-run')).code, 0)

    workshop.write('recipes/tiny/method', script('second'))
    workshop.write(
      'recipes/tiny/tiny.xml',
      sampleManifest((text) => text.replaceAll('seconds="7"', 'seconds="8"')),
    )
    const { code, stdout } = await workshop.build('box', '--dry-run', '-v')
    assert.is(code, 2, stdout)
    assert.match(stdout, /method .*\/svc\/method\/tiny:\n.*\n.*\n *-# first\n *\+# second\n/)
    assert.match(stdout, /manifest .*tiny\.xml:\n[\s\S]*\+ .*name="stop" exec=":kill" timeout_seconds="8"/)
    const built = await workshop.build('box')
    assert.is(built.code, 0, built.stdout)
    assert.is((await workshop.login('box', `svcprop -p start/timeout_seconds ${FMRI}`)).stdout, '8')
  },
)

service('whose own manifest is of another service is refused before anything is done', async () => {
  workshop.write(
    'recipes/tiny/tiny.xml',
    sampleManifest((text) => text.replace('application/build-stack/tiny', 'network/ssh')),
  )
  const { code, stderr } = await workshop.build('box')
  assert.is(code, 65, stderr)
  assert.match(
    stderr,
    /recipes\/tiny\/tiny\.xml:4:1: it must define the service application\/build-stack\/tiny/,
  )
  assert.is(await version(), 'tiny 1.0')
  write()
  assert.is((await workshop.build('box')).code, 0)
  assert.is(await version(), 'tiny 1.0')
})

service('keeps what an administrator set with svccfg through an upgrade', async () => {
  const read = async (property: string) =>
    (await workshop.login('box', `svcprop -p ${property} ${FMRI}`)).stdout
  write(one, { properties: { config: { cores: '2', user: 'nobody' } } })
  assert.is((await workshop.build('box')).code, 0)
  assert.is(await read('config/cores'), '2')
  const set = `svccfg -s ${FMRI.replace(/:default$/, '')} setprop config/cores = astring: 8`
  assert.is((await workshop.login('box', `${set} && svcadm refresh ${FMRI}`)).code, 0)
  assert.is(await read('config/cores'), '8')
  write(two, { properties: { config: { cores: '2', user: 'www' } } })
  assert.is((await workshop.build('box')).code, 0)
  assert.equal([await read('config/cores'), await read('config/user')], ['8', 'www'])
  write(one, { properties: { config: { cores: '4', user: 'www' } } })
  const { code, stdout } = await workshop.build('box', '-v')
  assert.is(code, 0, stdout)
  assert.match(stdout, /changed on this host, and kept: .*config\/cores/)
  assert.is(await read('config/cores'), '8')
  write()
  assert.is((await workshop.build('box')).code, 0)
})

service('that an administrator disabled stays so after an upgrade, and after one that failed', async () => {
  await workshop.login('box', `svcadm disable -s ${FMRI}`)
  write(two, {}, { smoke: [{ command: ['${prefix}/bin/tiny'], stdout: 'something else' }] })
  assert.is((await workshop.build('box')).code, 1)
  assert.is(await state(), 'disabled')
  write(two)
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 0, stdout)
  assert.match(stdout + (await workshop.build('box', '-v')).stdout, /tiny/)
  assert.is(await state(), 'disabled')
  await workshop.login('box', `svcadm enable -s ${FMRI}`)
  assert.is(await answers('tiny 2.0'), 'tiny 2.0')
})

service('whose stop method fails, and leaves it running, fails the run', async () => {
  write(two, { stop: ['false'] })
  assert.is((await workshop.build('box')).code, 0)
  const before = workshop.prefix('box')
  write()
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 1, stdout)
  assert.match(stdout, /stop tiny failed \(exit code 1\)/)
  assert.match(stdout, /does not stop: its processes are still there/)
  assert.equal(workshop.prefix('box'), before)
  assert.is(await version(), 'tiny 2.0')
})

service.after(() => workshop.close())
service.run()
