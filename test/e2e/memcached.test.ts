/**
 * The main job with the repository's own recipes and hosts.yaml, from an empty cache: real archives of libevent and
 * memcached, compiled, installed, run by SMF and asked over TCP. Compiled once: what needs no compiler comes after it.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ask, askUntil, usablePort } from './tcp.ts'
import { eventsOf, Workshop } from './workshop.ts'

const FMRI = 'svc:/application/build-stack/memcached:default'
const workshop = new Workshop()
const port = await usablePort(11211)

workshop.takeOverRecipes()
workshop.takeOver('hosts.yaml')

/** The repository's memcached, on a port that is free here, with further changes. */
function writeRecipe(change: (text: string) => string = (text) => text): void {
  workshop.takeOver('recipes/memcached.yaml', (text) => change(text.replaceAll('11211', String(port))))
}
writeRecipe()

const build = (...words: string[]) => workshop.command('server1', '--only', 'memcached', ...words)
const version = () => ask(port, 'version')
const settings = () => ask(port, 'stats settings', /END/)
const state = async () => (await workshop.login('server1', `svcs -Ho state ${FMRI}`)).stdout

/** Numbers of the service's processes in the sandbox's own /proc. */
async function processes(): Promise<string[]> {
  const { stdout } = await workshop.login('server1', `svcs -Hp ${FMRI}`)
  return [...stdout.matchAll(/^\s+\S+\s+(\d+) /gm)].map(([, pid]) => pid as string)
}

const main = suite('the main job')

main('a dry run on a host where nothing is', async () => {
  const { code, stdout, stderr } = await build('--dry-run')
  assert.is(code, 2, stderr)
  assert.match(stdout, /\+ libevent 2\.1\.12-stable {2}install/)
  assert.match(stdout, /\+ memcached 1\.6\.18 {2}install/)
  assert.equal(workshop.prefix('server1'), [])
})

main('one command: memcached answers with the version that was asked for', async () => {
  const { code, stdout, stderr } = await build()
  assert.is(code, 0, stdout + stderr)
  assert.is(await version(), 'VERSION 1.6.18')
  assert.is(await state(), 'online')
})

main('its processes run as its account', async () => {
  const { stdout: passwd } = await workshop.login('server1', 'getent passwd memcached')
  const uid = passwd.split(':')[2]
  const pids = await processes()
  assert.ok(pids.length > 0)
  for (const pid of pids) {
    const { stdout } = await workshop.login(
      'server1',
      `cat /proc/${pid}/uid_map; grep ^Uid: /proc/${pid}/status`,
    )
    const [map = '', status = ''] = stdout.split('\n')
    // An ordinary user's sandbox has one number, which the process's own namespace calls by the account's.
    const own = map.trim().split(/\s+/)[0] === uid
    assert.ok(own || status.split('\t')[1] === uid, `${stdout}; the account is ${passwd}`)
  }
})

main('the same again finds all up to date, and changes nothing', async () => {
  const before = workshop.prefix('server1')
  const pids = await processes()
  const { code, stdout } = await build()
  assert.is(code, 0)
  assert.match(stdout, /up to date/)
  assert.is((await build('--dry-run')).code, 0)
  assert.equal(workshop.prefix('server1'), before)
  assert.equal(await processes(), pids)
})

main('status tells the version, since when, and that the service is up', async () => {
  const { code, stdout } = await workshop.command('status', 'server1')
  assert.is(code, 0)
  assert.match(stdout, /memcached +1\.6\.18 .*online/)
  const rows = JSON.parse((await workshop.command('status', 'server1', '--json')).stdout.split('\n')[0] ?? '')
  assert.ok(JSON.stringify(rows).includes('2.1.12-stable'))
})

main('SMF restarts it when it is killed', async () => {
  const before = await processes()
  await workshop.login('server1', `kill -9 ${before.join(' ')}`)
  assert.is(await askUntil((answer) => answer !== undefined, 10, version), 'VERSION 1.6.18')
  const after = await processes()
  assert.ok(after.length > 0 && !after.some((pid) => before.includes(pid)))
})

const changes = suite('a dry run after a change')

changes('of a flag names the flag', async () => {
  writeRecipe((text) => text.replace('  - --disable-docs\n', '  - --disable-docs\n  - --enable-64bit\n'))
  const { code, stdout } = await build('--dry-run')
  assert.is(code, 2)
  assert.match(stdout, /memcached 1\.6\.18 {2}rebuild/)
  assert.match(stdout, /configure: \+ --enable-64bit/)
  assert.match(stdout, /libevent .* up to date/)
})

changes('of the patch list names the patch', async () => {
  const withPatch = (text: string) =>
    text.replace('  1.6.18:\n', '  1.6.18:\n    patches: [{ file: memcached/01-greeting.patch }]\n')
  workshop.write('patches/memcached/01-greeting.patch', '--- a\n+++ b\n')
  writeRecipe(withPatch)
  const { code, stdout } = await build('--dry-run')
  assert.is(code, 2)
  assert.match(stdout, /memcached 1\.6\.18 {2}rebuild/)
  assert.match(stdout, /patch memcached\/01-greeting\.patch/)
})

changes('of the version shows both', async () => {
  writeRecipe((text) => `${text}\n  1.6.19:\n    source: ${JSON.stringify(SAME_ARCHIVE)}\n`)
  workshop.takeOver('hosts.yaml', (text) => text.replace('"1.6.18"', '"1.6.19"'))
  const { code, stdout } = await build('--dry-run')
  assert.is(code, 2)
  assert.match(stdout, /memcached 1\.6\.18 -> 1\.6\.19 {2}upgrade/)
  workshop.takeOver('hosts.yaml')
})

changes('taken back: nothing to do', async () => {
  writeRecipe()
  assert.is((await build('--dry-run')).code, 0)
})

const SAME_ARCHIVE = {
  url: 'https://www.memcached.org/files/memcached-1.6.18.tar.gz',
  alternatives: [
    {
      debian: 'memcached',
      file: 'memcached_1.6.18.orig.tar.xz',
      sha256: '35872bd25f8d29d7cc2072d23e74344530891bfd0aa4f4f64184a8ae7291164b',
    },
  ],
}

/** The service with another amount of memory. */
const memory = (megabytes: number) => (text: string) => text.replace('- "64"', `- "${megabytes}"`)
const bytes = (megabytes: number) => new RegExp(`maxbytes ${megabytes * 1048576}\\s`)

const service = suite('a changed service')

service('is restarted with its new definition, and nothing is compiled', async () => {
  assert.match((await settings()) ?? '', bytes(64))
  writeRecipe(memory(32))
  assert.match((await build('--dry-run')).stdout, /update \(services only\)/)
  const { code, stdout } = await build('--json')
  assert.is(code, 0, stdout)
  const steps = eventsOf(stdout).flatMap((event) =>
    event.type === 'step-start' ? [(event.step as { title: string }).title] : [],
  )
  assert.not.ok(steps.includes('build'))
  assert.match((await settings()) ?? '', bytes(32))
  assert.is((await build('--dry-run')).code, 0)
})

service(
  'that an administrator disabled stays disabled, and starts with the new definition later',
  async () => {
    await workshop.login('server1', `svcadm disable -s ${FMRI}`)
    writeRecipe(memory(16))
    const { code, stdout } = await build()
    assert.is(code, 0, stdout)
    assert.is(await state(), 'disabled')
    assert.is(await version(), undefined)
    assert.match((await workshop.command('status', 'server1')).stdout, /memcached.*disabled/)
    await workshop.login('server1', `svcadm enable -s ${FMRI}`)
    assert.match((await askUntil((answer) => answer !== undefined, 10, settings)) ?? '', bytes(16))
  },
)

for (const [name, change, says] of [
  [
    'whose command does not exist',
    (text: string) => text.replace('- ${prefix}/bin/memcached\n', '- ${prefix}/bin/memcacked\n'),
    /memcacked/,
  ],
  [
    'that dies at once',
    (text: string) => text.replace('- -m\n      - "64"', '- -t\n      - "0"'),
    /Number of threads must be greater than 0/,
  ],
  [
    'whose port never answers',
    (text: string) => text.replace(`ready: { port: ${port} }`, 'ready: { port: 9 }\n    startTimeout: 3'),
    /does not accept connections on 127\.0\.0\.1:9/,
  ],
] as const) {
  service(`${name} fails the run with the end of its log; the one before answers again`, async () => {
    const before = workshop.prefix('server1')
    const manifest = workshop.read('server1', 'opt/local/svc/manifest/memcached.xml')
    writeRecipe(change)
    const { code, stdout, stderr } = await build()
    assert.is(code, 1, stdout + stderr)
    assert.match(stdout, /start memcached failed/)
    assert.match(stdout, /the end of \/var\/svc\/log\/application-build-stack-memcached:default\.log/)
    assert.match(stdout, says)
    assert.match(stdout, /next: /)
    assert.equal(workshop.prefix('server1'), before)
    assert.is(workshop.read('server1', 'opt/local/svc/manifest/memcached.xml'), manifest)
    assert.match((await askUntil((answer) => answer !== undefined, 10, settings)) ?? '', bytes(16))
    assert.is(await state(), 'online')
    assert.not.match(
      (await workshop.login('server1', `svccfg export ${FMRI.replace(':default', '')}`)).stdout,
      says,
    )
    writeRecipe(memory(16))
    assert.is((await build('--dry-run')).code, 0)
  })
}

service('that the recipe has no more is gone from the host', async () => {
  writeRecipe((text) => text.replace(/^services:\n(?: .*\n|\n)+/m, ''))
  const { code, stdout } = await build()
  assert.is(code, 0, stdout)
  assert.is((await workshop.login('server1', `svcs -H ${FMRI}`)).code, 1)
  assert.is(await version(), undefined)
  assert.is(workshop.read('server1', 'opt/local/svc/manifest/memcached.xml'), undefined)
  assert.is(workshop.read('server1', 'opt/local/svc/method/memcached'), undefined)
  assert.is((await build('--dry-run')).code, 0)
})

main.run()
changes.run()
service.after(() => workshop.close())
service.run()
