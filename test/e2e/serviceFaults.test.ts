/** What is odd or broken about services: their values, their supervisor, their scripts, the disk of their logs. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findProgram } from '../host/shells.ts'
import { sampleManifest } from '../serviceBundle/sampleManifest.ts'
import { mountSmallDisk } from './smallDisk.ts'
import { ask, askUntil, freePort } from './tcp.ts'
import { packTiny, tinyDaemon, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const ODD = `a<b>&"c' $(id) \`id\` %{x} ]]> é`

async function boxWith(supervisor: 'smf' | 'daemontools') {
  const workshop = new Workshop()
  const port = await freePort()
  const [one, two] = [packTiny(workshop.archives, '1.0'), packTiny(workshop.archives, '2.0')]
  const host = { address: 'sandbox', supervisor, recipes: { tiny: '*' } }
  workshop.write('hosts.yaml', JSON.stringify({ hosts: { box: host } }))
  const write = (archive = one, service: object = {}) => {
    const tiny = tinyDaemon(port, { startTimeout: 5, ...service })
    workshop.write('recipes/tiny.yaml', tinyRecipe(archive, { services: { tiny } }))
  }
  const on = async (command: string) => (await workshop.login('box', command)).stdout
  return { workshop, port, one, two, write, on, version: () => ask(port, '') }
}

const FMRI = 'svc:/application/build-stack/tiny:default'
const smf = suite('odd services under SMF')
const a = await boxWith('smf')

smf('values with the characters of XML, of shells and of SMF itself come through as they are', async () => {
  a.write(a.one, {
    summary: ODD,
    environment: { ODD },
    properties: { config: { odd: ODD } },
    command: [
      ...['/bin/sh', '-c', 'printf %s "$ODD" >/tmp/odd; printf %s "$2" >/tmp/word; exec "$0" --serve "$1"'],
      ...['${prefix}/bin/tiny', String(a.port), ODD],
    ],
  })
  const { code, stdout } = await a.workshop.build('box')
  assert.is(code, 0, stdout)
  assert.equal([await a.on('cat /tmp/odd'), await a.on('cat /tmp/word')], [ODD, ODD])
  assert.match(await a.on(`svcs -l ${FMRI}`), `name         ${ODD}\n`)
  // svcprop puts a backslash in front of what a shell reads.
  assert.is((await a.on(`svcprop -p config/odd ${FMRI}`)).replaceAll(/\\(.)/g, '$1'), ODD)
  a.write()
  assert.is((await a.workshop.build('box')).code, 0)
})

smf('a method script that is not executable is named, and the next run mends it', async () => {
  await a.on('chmod 444 /opt/local/svc/method/tiny')
  const { code, stdout } = await a.workshop.command('restart', 'box', 'tiny')
  assert.is(code, 1, stdout)
  assert.match(stdout, /svc\/method\/tiny: Permission denied/)
  const { code: again, stdout: says } = await a.workshop.build('box')
  assert.is(again, 0, says)
  assert.is(await askUntil((answer) => answer === 'tiny 1.0', 15, a.version), 'tiny 1.0')
})

smf(
  'a log without room does not keep an upgrade from coming up, nor a failed one from going back',
  async () => {
    const folder = '/var/svc/log'
    const disk = mountSmallDisk(a.workshop.endpoint('box'), folder, 1)
    try {
      await a.on(`dd if=/dev/zero of=${folder}/full bs=4096 count=300`)
      a.write(a.two, { command: ['${prefix}/bin/tiny', '--die'], ready: undefined })
      const failed = await a.workshop.build('box')
      assert.is(failed.code, 1, failed.stdout)
      assert.is(await askUntil((answer) => answer === 'tiny 1.0', 15, a.version), 'tiny 1.0')
      a.write(a.two)
      const { code, stdout } = await a.workshop.build('box')
      assert.is(code, 0, stdout)
      assert.is(await a.version(), 'tiny 2.0')
    } finally {
      disk.unmount()
    }
    a.write()
    assert.is((await a.workshop.build('box')).code, 0)
  },
)

smf('a supervisor that does not answer is named before anything is stopped or changed', async () => {
  const before = a.workshop.prefix('box')
  const server = '/system/volatile/smf/server'
  await a.on(`mv ${server} ${server}.away`)
  const idle = await a.workshop.build('box', '--dry-run')
  assert.is(idle.code, 0, idle.stdout)
  assert.match(
    idle.stdout,
    /! SMF does not answer, so what services do is not known: svcs: Could not bind to repository server/,
  )
  assert.not.match(idle.stdout, /not there any more|was deleted/)
  const { stdout: status } = await a.workshop.command('status', 'box', '--json')
  assert.is(JSON.parse(status).services[0].state, 'unknown')
  const stop = await a.workshop.command('restart', 'box', 'tiny')
  assert.is(stop.code, 1)
  assert.match(stop.stdout + stop.stderr, /SMF does not answer: svcs: Could not bind/)
  a.write(a.two)
  const { code, stdout } = await a.workshop.build('box')
  assert.is(code, 1, stdout)
  assert.match(stdout, /stop tiny failed \(exit code 1\): SMF does not answer/)
  assert.match(stdout, /repository server unavailable/)
  assert.equal(a.workshop.prefix('box'), before)
  assert.is(await a.version(), 'tiny 1.0')
  await a.on(`mv ${server}.away ${server}`)
  assert.is(await a.on(`svcs -Ho state ${FMRI}`), 'online')
  const again = await a.workshop.build('box')
  assert.is(again.code, 0, again.stdout)
  assert.is(await a.version(), 'tiny 2.0')
})

const OTHER = 'svc:/application/build-stack/other:default'

smf(
  'a service of that name which is somebody else’s is found before anything stops, and runs on',
  async () => {
    const manifest = sampleManifest((text) =>
      text
        .replaceAll('build-stack/tiny', 'build-stack/other')
        .replace('${prefix}/svc/method/tiny start', '/bin/sleep 1000'),
    )
    await a.on(`cat >/var/tmp/other.xml <<'END'\n${manifest}END`)
    await a.on(`svccfg import /var/tmp/other.xml && svcadm enable -s ${OTHER}`)
    const contracts = () => a.on(`svcprop -p restarter/contract ${OTHER} ${FMRI}`)
    const before = { prefix: a.workshop.prefix('box'), contracts: await contracts() }
    const other = { summary: 'other', command: ['/bin/sleep', '1000'] }
    a.workshop.write(
      'recipes/tiny.yaml',
      tinyRecipe(a.one, { services: { tiny: tinyDaemon(a.port), other } }),
    )
    const plan = await a.workshop.build('box', '--dry-run')
    assert.is(plan.code, 2, plan.stdout)
    assert.match(plan.stdout, `! ${OTHER} is there already, and is in no receipt: a run refuses it`)
    const { code, stdout } = await a.workshop.build('box')
    assert.is(code, 1, stdout)
    assert.match(stdout, /prepare failed \(exit code 1\): svc:\S+other:default is somebody else's\n/)
    assert.match(stdout, `${OTHER} is there already, and is not the one of tiny\n`)
    assert.equal({ prefix: a.workshop.prefix('box'), contracts: await contracts() }, before)
    await a.on(
      `svcadm disable -s ${OTHER}; svccfg delete ${OTHER}; svccfg delete ${OTHER.replace(':default', '')}`,
    )
    const again = await a.workshop.build('box')
    assert.is(again.code, 0, again.stdout)
    assert.is(await a.on(`svcs -Ho state ${OTHER}`), 'online')
  },
)

smf('two recipes with the same service are refused before anything is done', async () => {
  a.workshop.write(
    'recipes/twin.yaml',
    JSON.stringify({
      summary: 'twin',
      system: 'files',
      services: { other: { summary: 'other', command: ['/bin/sleep', '1000'] } },
      versions: { 1: { source: { none: true } } },
    }),
  )
  const hosts = (recipes: object) =>
    a.workshop.write('hosts.yaml', JSON.stringify({ hosts: { box: { address: 'sandbox', recipes } } }))
  hosts({ tiny: '*', twin: '1' })
  const both = await a.workshop.build('box', '--dry-run')
  assert.is(both.code, 65, both.stdout)
  assert.match(both.stdout + both.stderr, /recipe tiny has a service of this name already/)
  hosts({ twin: '1' })
  const instead = await a.workshop.build('box')
  assert.is(instead.code, 65, instead.stdout)
  assert.match(
    instead.stdout + instead.stderr,
    /other:default is that of tiny, which is installed\n.*build-stack remove box tiny/,
  )
  hosts({ tiny: '*' })
})

smf.after(() => a.workshop.close())
smf.run()

const tests = suite('broken services under daemontools')
const daemontools = findProgram('svscan') ? tests : tests.skip
const b = await boxWith('daemontools')

daemontools('one comes up', async () => {
  b.write()
  await b.workshop.command('sandbox', 'start', 'box')
  await b.on('mkdir /service && setsid svscan /service </dev/null >/dev/null 2>&1 &')
  const { code, stdout } = await b.workshop.build('box')
  assert.is(code, 0, stdout)
})

daemontools('values with the characters of XML, of shells and of SMF come through as they are', async () => {
  b.write(b.one, {
    summary: ODD,
    environment: { ODD },
    command: [
      ...['/bin/sh', '-c', 'printf %s "$ODD" >/tmp/odd; printf %s "$2" >/tmp/word; exec "$0" --serve "$1"'],
      ...['${prefix}/bin/tiny', String(b.port), ODD],
    ],
  })
  const { code, stdout } = await b.workshop.build('box')
  assert.is(code, 0, stdout)
  assert.equal([await b.on('cat /tmp/odd'), await b.on('cat /tmp/word')], [ODD, ODD])
  b.write()
  assert.is((await b.workshop.build('box')).code, 0)
})

daemontools('whose run script is not executable says so, and the next run mends it', async () => {
  await b.on('chmod 644 /opt/local/svc/daemontools/tiny/run')
  const { code, stdout } = await b.workshop.command('restart', 'box', 'tiny')
  assert.is(code, 1, stdout)
  assert.match(stdout, /\/service\/tiny\/run is not executable/)
  const { code: again, stdout: says } = await b.workshop.build('box')
  assert.is(again, 0, says)
  assert.is(await askUntil((answer) => answer === 'tiny 1.0', 15, b.version), 'tiny 1.0')
})

daemontools('whose log has no room is not upgraded: the version before runs on', async () => {
  const folder = '/opt/local/var/log'
  const disk = mountSmallDisk(b.workshop.endpoint('box'), folder, 1)
  try {
    await b.on(`dd if=/dev/zero of=${folder}/full bs=4096 count=300`)
    b.write(b.two)
    const { code, stdout } = await b.workshop.build('box')
    assert.is(code, 1, stdout)
    assert.match(stdout, new RegExp(`no room for its log in ${folder}/tiny`))
    assert.is(await askUntil((answer) => answer === 'tiny 1.0', 15, b.version), 'tiny 1.0')
  } finally {
    disk.unmount()
  }
  const { code, stdout } = await b.workshop.build('box')
  assert.is(code, 0, stdout)
  assert.is(await b.version(), 'tiny 2.0')
})

tests.after(() => b.workshop.close())
tests.run()
