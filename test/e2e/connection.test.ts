/** A host that is reached by its address: every way in which that fails, and a line that breaks in the middle of a build. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { generateKeys } from '../../runner/sandbox/sshServer.ts'
import { startRelay } from './relay.ts'
import { usableServers } from './servers.ts'
import { freePort } from './tcp.ts'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { type Event, eventsOf, Workshop } from './workshop.ts'

const LINES = 40
/** The events of a run without those of the upload, for the message of a failed test. */
const shown = (stdout: string) => stdout.replace(/^.*"(upload|host-planned)".*\n/gm, '')
const stepTitle = (event: Event) => (event.step as { title: string } | undefined)?.title

for (const server of usableServers()) {
  const workshop = new Workshop(server.env)
  const archive = packTiny(workshop.archives, '1.0', {
    // Says a line each tenth of a second, and one without an end in the middle of it all.
    configure: (text) =>
      text.replace(
        '#!/bin/sh',
        `#!/bin/sh\necho started >>/var/tmp/starts\ni=0\nwhile [ $i -lt ${LINES} ]; do i=$((i + 1)); echo "line $i"; sleep 0.1; done; printf 'ä…'; sleep 1; echo ' end'`,
      ),
  })
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive))
  const knownHosts = join(workshop.home, '.ssh', 'known_hosts')

  /** The sandbox's world under another host's name, as a machine that is somewhere. */
  function writeHosts(settings: object = {}): void {
    const endpoint = workshop.endpoint('box')
    const { address, port, user, identityFile: key } = endpoint
    workshop.write(
      'hosts.yaml',
      JSON.stringify({
        hosts: {
          box: { address: 'sandbox', recipes: {} },
          far: { address, port, user, key, recipes: { tiny: '*' }, ...settings },
        },
      }),
    )
  }
  const hostKey = () => readFileSync(workshop.cache('sandbox', 'box', 'host_key.pub'), 'utf8').trim()
  function know(port: number, key = hostKey()): void {
    workshop.writeHome('.ssh/known_hosts', `[127.0.0.1]:${port} ${key}\n`)
  }

  const faults = suite(`a host that cannot be reached, with ${server.name}`)

  faults.before(async () => {
    workshop.write('hosts.yaml', JSON.stringify({ hosts: { box: { address: 'sandbox', recipes: {} } } }))
    const { code, stderr } = await workshop.command('box')
    assert.is(code, 0, stderr)
    know(workshop.endpoint('box').port)
  })

  faults('by its address, with a key that known_hosts has: it can', async () => {
    writeHosts()
    const { code, stdout } = await workshop.build('far', '--dry-run')
    assert.is(code, 2, stdout)
    assert.match(stdout, /\+ tiny 1\.0 {2}install/)
  })

  faults('nobody listens there', async () => {
    const port = await freePort()
    writeHosts({ port })
    const { code, stdout } = await workshop.build('far')
    assert.is(code, 68)
    assert.match(stdout, new RegExp(`far \\(127\\.0\\.0\\.1:${port}\\): connection refused\n`))
    assert.match(stdout, new RegExp(`next: Check that an SSH server listens on port ${port}`))
  })

  faults('its host key is another one than known_hosts has', async () => {
    writeHosts()
    const { port } = workshop.endpoint('box')
    know(port, generateKeys('another').public)
    const before = readFileSync(knownHosts, 'utf8')
    const { code, stdout } = await workshop.build('far', '--accept-new-host-keys')
    assert.is(code, 68)
    assert.match(stdout, /host key/)
    assert.match(stdout, /known_hosts:1/)
    assert.match(stdout, /next: .*ssh-keygen -R/)
    assert.is(readFileSync(knownHosts, 'utf8'), before)
  })

  faults('its host key is not known, and nobody is there to be asked', async () => {
    writeHosts()
    workshop.writeHome('.ssh/known_hosts', '')
    const { code, stdout } = await workshop.build('far')
    assert.is(code, 68)
    assert.match(stdout, /the host key of far .* is not known/)
    assert.match(stdout, /SHA256:/)
    assert.match(stdout, /next: .*--accept-new-host-keys/)
    assert.is(readFileSync(knownHosts, 'utf8'), '')
    assert.is((await workshop.build('far', '--dry-run', '--accept-new-host-keys')).code, 2)
    assert.is((await workshop.build('far', '--dry-run')).code, 2)
    assert.match(readFileSync(knownHosts, 'utf8'), /^\[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+\n$/)
  })

  faults('it does not accept the key', async () => {
    const key = join(workshop.home, 'other_key')
    writeFileSync(key, generateKeys('other').private, { mode: 0o600 })
    writeHosts({ key })
    const { code, stdout } = await workshop.build('far')
    assert.is(code, 68)
    assert.match(stdout, /no login as root on far .*other_key/)
    assert.match(stdout, /next: .*key/)
  })

  faults('the key file is not there', async () => {
    writeHosts({ key: '~/no_such_key' })
    const { code, stdout } = await workshop.build('far')
    assert.is(code, 68)
    assert.match(stdout, /no_such_key does not exist/)
  })

  faults('its account is not there', async () => {
    writeHosts({ user: 'nobody-knows-him' })
    const { code, stdout } = await workshop.build('far')
    assert.is(code, 68)
    assert.match(stdout, /no login as nobody-knows-him on far/)
  })

  faults('with --json each is an object with its code', async () => {
    writeHosts({ port: await freePort() })
    const { code, stdout } = await workshop.build('far', '--json')
    assert.is(code, 68)
    const errors = eventsOf(stdout).flatMap((event) => (event.error ? [event.error as Event] : []))
    assert.equal(
      errors.map((error) => [error.code, error.host]),
      [['CONNECT', 'far']],
    )
  })

  faults('and nothing was changed on it', () => {
    assert.equal(workshop.prefix('box'), [])
  })

  const lost = suite(`a line that breaks, with ${server.name}`)

  lost(
    'in the middle of a build: the same run goes on with the same job, its log without gap or double',
    async () => {
      const relay = await startRelay(workshop.endpoint('box').port)
      know(relay.port)
      writeHosts({ port: relay.port })
      const jobs: Event[] = []
      const cuts: Record<string, number> = { 'line 7': 0, 'line 20': 3 }
      const run = workshop.start(['far'], (event) => {
        if (event.type === 'job') jobs.push(event)
        const seconds = cuts[event.line as string]
        if (event.type === 'output' && seconds !== undefined) {
          delete cuts[event.line as string]
          relay.cut(seconds)
        }
      })
      const { code, stdout } = await run.ended
      relay.close()
      assert.is(code, 0, shown(stdout))
      assert.equal(cuts, {})
      assert.is(jobs.length, 1)
      assert.is(workshop.read('box', 'var/tmp/starts'), 'started\n')
      const events = eventsOf(stdout)
      const lines = events.flatMap((event) =>
        event.type === 'output' && stepTitle(event) === 'configure' ? [event.line as string] : [],
      )
      const expected = Array.from({ length: LINES }, (_, i) => `line ${i + 1}`)
      assert.equal(lines, [...expected, 'ä… end', 'configured for /opt/local'])
      // The copy here is the host's log, but for the marks.
      const job = jobs[0]?.job as string
      const text = (log: string) =>
        log.split('\n').filter((line) => !line.startsWith('\x1e') && !line.startsWith('=== '))
      const here = readFileSync(workshop.cache('logs', 'far', `${job}.log`), 'utf8')
      assert.equal(text(here), text(workshop.read('box', `var/tmp/build-stack/jobs/${job}/log`) ?? ''))
    },
  )

  lost('while the job goes up: the same run sends it again', async () => {
    const random = randomBytes(30_000_000)
    const large = packTiny(workshop.archives, '1.1', {}, { ballast: random })
    workshop.write('recipes/tiny.yaml', tinyRecipe(large))
    const relay = await startRelay(workshop.endpoint('box').port)
    know(relay.port)
    writeHosts({ port: relay.port })
    let cuts = 0
    const run = workshop.start(['far'], (event) => {
      if (event.type !== 'upload' || Number(event.done) < 1_000_000 || cuts > 0) return
      cuts += 1
      relay.cut(0)
    })
    const { code, stdout } = await run.ended
    relay.close()
    assert.is(code, 0, shown(stdout))
    assert.is(cuts, 1)
    assert.is((await workshop.login('box', '/opt/local/bin/tiny')).stdout, 'tiny 1.1')
    workshop.write('recipes/tiny.yaml', tinyRecipe(archive))
  })

  lost('for good: the run says so, and that the job goes on; the next run joins it', async () => {
    const relay = await startRelay(workshop.endpoint('box').port)
    know(relay.port)
    writeHosts({ port: relay.port, env: { TINY_VALUE: 'for good' } })
    const run = workshop.start(['far'], (event) => {
      if (event.type === 'output' && event.line === 'line 3') relay.cut(600)
    })
    // Two minutes of tries are too long for a test: the user has enough of it.
    setTimeout(() => run.kill('SIGINT'), 3000)
    const { code, stdout } = await run.ended
    relay.close()
    assert.is(code, 130, shown(stdout))
    know(workshop.endpoint('box').port)
    writeHosts({ env: { TINY_VALUE: 'for good' } })
    const next = await workshop.build('far', '--json')
    assert.is(next.code, 0, shown(next.stdout))
    assert.is(eventsOf(next.stdout).find((event) => event.type === 'job')?.resumed, true)
    assert.is(workshop.read('box', 'opt/local/share/tiny/value'), 'for good\n')
  })

  lost(
    'because the host goes down: the run says so, and the next one goes on with the build in a new job',
    async () => {
      know(workshop.endpoint('box').port)
      // As a sandbox, which starts again when it is addressed.
      workshop.write(
        'hosts.yaml',
        JSON.stringify({
          hosts: { box: { address: 'sandbox', env: { TINY_VALUE: 'anew' }, recipes: { tiny: '*' } } },
        }),
      )
      const before = workshop.prefix('box')
      const run = workshop.start(['box'], (event) => {
        if (event.type === 'output' && event.line === 'line 3')
          process.kill(workshop.endpoint('box').pid, 'SIGKILL')
      })
      const { code, stdout } = await run.ended
      assert.is(code, 1, shown(stdout))
      assert.match(stdout, /the job is gone without an end: it was killed, or the host was restarted/)
      assert.match(stdout, /run again to go on with it/)
      assert.equal(workshop.prefix('box'), before)
      // Its number is that of another process now, as it may well be after a restart.
      const jobs = 'var/tmp/build-stack/jobs'
      const [job] = readdirSync(join(workshop.root('box'), jobs)).filter(
        (name) => !workshop.read('box', `${jobs}/${name}/exit`),
      )
      for (const file of [`${jobs}/${job}/pid`, 'var/tmp/build-stack/lock']) {
        const text = workshop.read('box', file) as string
        writeFileSync(join(workshop.root('box'), file), text.replace(/\d+/, '1'))
      }
      const next = await workshop.build('box', '--json')
      assert.is(next.code, 0, shown(next.stdout))
      assert.is(eventsOf(next.stdout).find((event) => event.type === 'job')?.resumed, false)
      assert.is(workshop.read('box', 'opt/local/share/tiny/value'), 'anew\n')
    },
  )

  faults.run()
  lost.after(() => workshop.close())
  lost.run()
}
