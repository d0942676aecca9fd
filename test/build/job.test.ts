import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Job } from '../../runner/build/jobFolder.ts'
import { packageRoot } from '../../runner/paths.ts'
import type { Facts } from '../../runner/probe/facts.ts'
import { hosts, recipe } from '../config/project.ts'
import { builtFrom, type Files, installed, sampleFacts } from '../plan/planned.ts'
import { jobOf, textOf } from './jobs.ts'

const test = suite('build/job')

/** Like the project's own, but that they stay as they are. */
const MEMCACHED: Files = {
  'hosts.yaml': hosts({ memcached: '1.6.18' }),
  'recipes/libevent.yaml': recipe(
    'configure: [--disable-static]\nsmoke: [{ command: [test, -f, "${prefix}/lib/libevent.so"] }]\n',
    { '2.1.12-stable': '' },
  ),
  'recipes/memcached.yaml': recipe(
    'dependencies: { libevent: ">=2.0" }\n' +
      'configure: ["--with-libevent=${prefix}"]\n' +
      'env: { LDFLAGS: "-L${prefix}/lib -Wl,-R${prefix}/lib" }\n' +
      'patches: [{ file: memcached/01-listen.patch }, { file: memcached/02-after.patch, after: configure, strip: 0, fuzz: 2 }]\n' +
      'accounts: [{ name: memcached, uid: 90, home: "${prefix}", comment: memcached daemon }]\n' +
      'files: [{ path: etc/memcached.conf, content: "port 11211\\n", mode: "0640", group: memcached }]\n' +
      'setup: [{ title: make the spool, command: [mkdir, "${prefix}/spool"], creates: "${prefix}/spool" }]\n' +
      'services: { memcached: { summary: cache, command: ["${prefix}/bin/memcached"], user: memcached, ready: { port: 11211 } } }\n' +
      'smoke: [{ command: ["${prefix}/bin/memcached", -V], stdout: "^memcached [0-9]" }]\n',
    { '1.6.18': '' },
  ),
  'patches/memcached/01-listen.patch': '--- a\n',
  'patches/memcached/02-after.patch': '--- b\n',
}

const SOLARIS = sampleFacts()
const LINUX = sampleFacts({
  os: 'Linux',
  release: '6.1.0',
  machine: 'x86_64',
  shell: '/bin/dash',
  tools: Object.fromEntries(
    ['gcc', 'make', 'patch', 'sha256sum', 'gzip', 'svcs', 'svcadm', 'svccfg'].map((name) => [
      name,
      `/usr/bin/${name}`,
    ]),
  ),
  cpus: 2,
  writable: { prefix: true, work: true },
  privilege: 'none',
})

/** The environment, and every command in order; how a step finds its folder and stops at a failure is left out. */
function script(job: Job): string {
  const steps = ['env.sh', ...job.steps.map(({ name }) => `steps/${name}.sh`), 'undo.root.sh']
  const texts = steps.map((name) => {
    const lines = textOf(job, name).trimEnd().split('\n')
    const commands = lines.slice(lines.findIndex((line) => /^\. .*env\.sh"?$/.test(line)) + 1)
    return `=== ${name}\n${commands.join('\n')}\n`
  })
  return texts
    .join('\n')
    .replaceAll(job.id, 'JOB')
    .replaceAll(/"\$BUILD_STACK_SHELL" "\$\w+\/lib\/([\w-]+\.sh)"/g, '$1')
    .replaceAll(/ \|\| exit (1|\$\?)$/gm, '')
}

for (const [name, facts] of Object.entries<Facts>({ solaris: SOLARIS, linux: LINUX })) {
  for (const tool of ['libevent', 'memcached']) {
    test(`every command of ${tool} on ${name}`, async () => {
      const path = join(packageRoot, `test/build/golden/${tool}-${name}.txt`)
      const text = script(await jobOf(tool, MEMCACHED, { facts }))
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text)
      assert.is(text, readFileSync(path, 'utf8'), 'UPDATE_GOLDEN=1 writes it anew; look at the difference')
    })
  }
}

const titles = (job: Job) => job.steps.map(({ title }) => title)

test('the steps of an installation, in their order', async () => {
  assert.equal(titles(await jobOf('memcached', MEMCACHED)), [
    'unpack',
    'patch 01-listen.patch',
    'configure',
    'patch 02-after.patch',
    'build',
    'stage',
    'check linking',
    'test in the stage',
    'pack',
    'prepare',
    'account memcached',
    'stop memcached',
    'install',
    'configuration files',
    'make the spool',
    'test in place',
    'start memcached',
    'record',
    'clean',
  ])
})

test('an update compiles nothing, and restarts the service', async () => {
  assert.equal(titles(await jobOf('memcached', MEMCACHED, { kind: 'update' })), [
    'prepare',
    'account memcached',
    'stop memcached',
    'install',
    'configuration files',
    'make the spool',
    'start memcached',
    'record',
    'clean',
  ])
})

test('a service that the recipe has no more is stopped before and removed after', async () => {
  const facts = installed(await builtFrom(MEMCACHED))
  const without = {
    ...MEMCACHED,
    'recipes/memcached.yaml': recipe('dependencies: { libevent: "*" }\n', { '1.6.18': '' }),
  }
  const job = await jobOf('memcached', without, { facts, kind: 'update' })
  const fmri = 'svc:/application/build-stack/memcached:default'
  assert.equal(titles(job), [
    `stop ${fmri}`,
    'install',
    'configuration files',
    `remove ${fmri}`,
    'record',
    'clean',
  ])
  assert.match(script(job), 'switch.sh remove /opt/local memcached.services')
  assert.match(script(job), 'config-file.sh drop dropped/%2Fopt%2Flocal%2Fetc%2Fmemcached.conf ')
})

test('an interrupted switch is recovered first', async () => {
  const facts = { ...SOLARIS, journals: ['other'] }
  const job = await jobOf('libevent', MEMCACHED, { facts })
  assert.is(titles(job)[0], 'recover')
  assert.is(job.steps[0]?.name, '01-recover.root')
})

test('only what changes the host runs with privilege', async () => {
  const { steps } = await jobOf('memcached', MEMCACHED)
  const root = steps.filter(({ name }) => name.endsWith('.root')).map(({ title }) => title)
  assert.equal(root, [
    'prepare',
    'account memcached',
    'stop memcached',
    'install',
    'configuration files',
    'make the spool',
    'start memcached',
    'record',
  ])
})

test('no title makes a step run with privilege, or leaves its folder', async () => {
  const files = {
    ...MEMCACHED,
    'recipes/libevent.yaml': recipe(
      'patches: [{ file: x/fix.root }]\nsetup: [{ title: "../../a\\tb\\nc $(x) ö", command: [x], creates: /x }]\n',
      { '2.1.12-stable': '' },
    ),
    'patches/x/fix.root': 'x',
  }
  const job = await jobOf('libevent', files)
  assert.equal(
    job.steps.filter(({ title }) => /fix|a b/.test(title)),
    [
      { name: '02-patch-fix-root', title: 'patch fix.root' },
      { name: '10--a-b-c-x-.root', title: '../../a b c $(x) ö' },
    ],
  )
  assert.is(textOf(job, 'titles').split('\n').length, job.steps.length + 1)
})

test('a hundred steps sort in their order', async () => {
  const list = Array.from({ length: 120 }, (_, i) => `{ title: s${i}, command: [x], creates: /x${i} }`)
  const files = {
    ...MEMCACHED,
    'recipes/libevent.yaml': recipe(`setup: [${list.join(', ')}]\n`, { '2.1.12-stable': '' }),
  }
  const names = (await jobOf('libevent', files)).steps.map(({ name }) => name)
  assert.equal(names, [...names].sort())
})

test('files of the job: nobody else reads a configuration, scripts can be run', async () => {
  const job = await jobOf('memcached', MEMCACHED)
  const mode = (path: string) => job.files.find((file) => file.path === path)?.mode.toString(8)
  assert.is(mode('files/0'), '600')
  assert.is(mode('lib/switch.sh'), '755')
  assert.is(mode('stage-services/opt/local/svc/manifest/memcached.xml'), '444')
  assert.is(mode('stage-services/opt/local/svc/method/memcached'), '555')
  assert.is(textOf(job, 'patches/1/01-listen.patch'), '--- a\n')
  assert.is(textOf(job, 'token'), '0123456789abcdef\n')
  assert.equal(new Set(job.files.map(({ path }) => path)).size, job.files.length)
})

test('the job’s name is that of what it does', async () => {
  const [a, b] = [await jobOf('libevent', MEMCACHED), await jobOf('libevent', MEMCACHED)]
  assert.is(a.id, b.id)
  assert.match(a.id, /^libevent-2\.1\.12-stable-[0-9a-f]{10}\.attempt$/)
  assert.is(a.folder, `/var/tmp/build-stack/jobs/${a.id}`)
  const other = {
    ...MEMCACHED,
    'recipes/libevent.yaml': recipe('configure: [--x]\n', { '2.1.12-stable': '' }),
  }
  assert.is.not((await jobOf('libevent', other)).id, a.id)
  assert.is.not((await jobOf('libevent', MEMCACHED, { kind: 'update' })).id, a.id)
})

test('the receipt has what the plan will compare', async () => {
  const [build] = await builtFrom(MEMCACHED)
  const receipt = JSON.parse(
    textOf(await jobOf('libevent', MEMCACHED, { by: "o'neil@lap $(top)" }), 'receipt.json'),
  )
  assert.equal(receipt.inputs, build?.inputs)
  assert.is(receipt.fingerprint, build?.fingerprint)
  assert.is(receipt.installedBy, "o'neil@lap $(top)")
  assert.is(receipt.platform, 'SunOS 5.11 i86pc')
})

test.run()
