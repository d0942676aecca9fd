/** The commands that only look, on sandboxes where a small daemon was really installed. */

import { appendFileSync, chmodSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { freePort } from './tcp.ts'
import { packTiny, type TinyPackage } from './tinyPackage.ts'
import { type Outcome, Workshop } from './workshop.ts'

const FMRI = 'svc:/application/build-stack/tiny:default'
const workshop = new Workshop()
const port = await freePort()
const otherPort = await freePort()
const one = packTiny(workshop.archives, '1.0')
const two = packTiny(workshop.archives, '2.0')
const source = (archive: TinyPackage) => ({
  url: `http://127.0.0.1:9/${archive.file}`,
  sha256: archive.sha256,
})
const service = (on: number) => ({
  tiny: { summary: 'a tiny daemon', command: ['${prefix}/bin/tiny', '--serve', String(on)] },
})
/** Where releases of it are announced. */
const announcements = createServer((_, response) => response.end('tiny-4.0.tar.gz tiny-3.9.tar.gz'))
await new Promise<void>((ready) => announcements.listen(0, '127.0.0.1', ready))
const announced = `127.0.0.1:${(announcements.address() as { port: number }).port}`
workshop.write(
  'recipes/tiny.yaml',
  JSON.stringify({
    summary: 'a tiny daemon',
    upstream: { url: `http://${announced}/`, versions: 'tiny-([0-9.]+)\\.tar' },
    system: 'autotools',
    files: [{ path: 'etc/tiny.conf', content: 'greeting = hello\n' }],
    versions: {
      '1.0': { source: source(one), services: service(port) },
      '2.0': { source: source(two), services: service(otherPort) },
      '3.0': { source: { url: 'http://127.0.0.1:9/tiny-3.0.tar.gz' } },
    },
  }),
)
workshop.write(
  'hosts.yaml',
  JSON.stringify({
    hosts: {
      box: { address: 'sandbox', recipes: { tiny: '1.0' } },
      twin: { address: 'sandbox', recipes: { tiny: '*' } },
      bare: { address: 'sandbox' },
    },
  }),
)

const installed = (path: string) => join(workshop.root('box'), 'opt/local', path)
const json = ({ stdout }: Outcome) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const shows = ({ code, stdout, stderr }: Outcome, wanted: number, ...texts: RegExp[]) => {
  assert.is(code, wanted, stdout + stderr)
  for (const text of texts) assert.match(stdout + stderr, text)
}

const reading = suite('reading commands')

reading('what there is to look at is installed', async () => {
  shows(await workshop.build('box', 'twin'), 0)
})

reading('verify: what was just installed is as recorded', async () => {
  shows(
    await workshop.command('verify', 'box', 'bare'),
    0,
    /^box: as recorded \(\d+ files of 1 recipe/,
    /^bare: nothing/m,
  )
})

reading('status: two hosts in full, three as a matrix', async () => {
  shows(
    await workshop.command('status', 'box', 'bare'),
    0,
    /tiny +1\.0 .* online/,
    /bare: nothing is installed/,
  )
  const { stdout } = await workshop.command('status')
  assert.is(stdout, 'recipe  box  twin  bare\ntiny    1.0  2.0   -\n')
  assert.equal(
    json(await workshop.command('status', '--json')).map(({ host, version }) => [host, version]),
    [
      ['box', '1.0'],
      ['twin', '2.0'],
    ],
  )
})

reading('owns: files, the definition of the service, configuration; nobody, and what is near', async () => {
  const asked = ['bin/tiny', '/opt/local/etc/tiny.conf', 'svc/manifest/tiny.xml']
  shows(
    await workshop.command('owns', 'box', ...asked),
    0,
    /^\/opt\/local\/bin\/tiny: tiny 1\.0, installed \S+ \S+ \(\d+ s ago\) by .*; as installed$/m,
    /tiny\.conf: configuration file of tiny 1\.0, .*as installed$/m,
    /tiny\.xml: service definition of tiny 1\.0/,
  )
  shows(
    await workshop.command('owns', 'box', 'bin/tinny', '/usr/bin/env'),
    1,
    /bin\/tinny: belongs to nobody; did you mean \/opt\/local\/bin\/tiny\?/,
    /^\/usr\/bin\/env: belongs to nobody$/m,
  )
})

reading('why: who asks, why not newer, and without a connection what was last seen', async () => {
  const texts = [
    /box \(1\.0; hosts\.yaml:1\)/,
    /not 2\.0: box wants 1\.0/,
    /not 3\.0: .*no checksum/,
    /installed: 1\.0/,
  ]
  shows(await workshop.command('why', 'box', 'tiny'), 0, ...texts, /as wanted/)
  const offline = await workshop.command('why', 'box', 'tiny', '--offline')
  shows(offline, 0, ...texts, /as seen/)
  shows(await workshop.command('why', 'bare', 'tiny'), 1, /nobody asks for it/)
})

reading('outdated: the newest with a checksum, and one without', async () => {
  shows(
    await workshop.command('outdated'),
    0,
    /tiny +1\.0 +1\.0 +2\.0, 3\.0 \(no checksum\) +box wants 1\.0/,
    /^bare: nothing is installed/m,
  )
  const rows = json(await workshop.command('outdated', 'box', '--json'))
  assert.equal(rows, [
    {
      host: 'box',
      recipe: 'tiny',
      installed: '1.0',
      wanted: '1.0',
      newest: '2.0',
      unverified: '3.0',
      heldBy: ['box wants 1.0'],
      upstream: null,
      outdated: true,
    },
  ])
})

reading('outdated --upstream: releases that the recipe lacks', async () => {
  shows(
    await workshop.command('outdated', 'box', '--upstream'),
    0,
    new RegExp(
      `tiny +1\\.0 +1\\.0 .* 4\\.0 \\(${announced}\\) +recipes/tiny\\.yaml lacks 4\\.0; box wants 1\\.0`,
    ),
  )
  const [row] = json(await workshop.command('outdated', 'box', '--upstream', '--json'))
  assert.equal(row?.upstream, { version: '4.0', from: announced })
})

reading('compare: versions, inputs and files of two hosts', async () => {
  shows(
    await workshop.command('compare', 'box', 'twin'),
    1,
    /^tiny +1\.0 +2\.0 +\d+ differ$/m,
    /service tiny: differs/,
    /bin\/tiny: content/,
  )
  const [row] = json(await workshop.command('compare', 'twin', 'box', '--json'))
  assert.equal(row?.version, { left: '2.0', right: '1.0' })
  shows(await workshop.command('compare', 'box', 'box'), 64, /cannot be compared with itself/)
})

reading('history: what was done', async () => {
  shows(await workshop.command('history', 'box'), 0, /tiny +install +1\.0 +done/)
  shows(await workshop.command('history', 'bare'), 0, /no job of build-stack has been recorded/)
  shows(await workshop.command('history', 'box', 'tinny'), 64, /did you mean "tiny"/)
})

reading('diff: the dry run', async () => {
  shows(await workshop.command('diff', 'box'), 0, /nothing to do/)
})

reading('verify: everything that somebody changed by hand', async () => {
  writeFileSync(installed('bin/stranger'), '')
  unlinkSync(installed('share/tiny/value'))
  chmodSync(installed('bin/tiny'), 0o700)
  writeFileSync(installed('etc/tiny.conf'), 'mine\n')
  appendFileSync(installed('share/tiny/arguments'), 'x')
  mkdirSync(installed('var/data'), { recursive: true })
  writeFileSync(installed('var/data/1'), '')
  await workshop.login('box', `svcadm disable -s ${FMRI}`)
  const result = await workshop.command('verify', 'box', '--json')
  assert.is(result.code, 1)
  assert.equal(
    json(result)
      .filter(({ type }) => type === 'finding')
      .map(({ kind, fault, path }) => [kind, fault, path]),
    [
      ['missing', true, 'share/tiny/value'],
      ['changed', true, 'bin/tiny'],
      ['changed', true, 'share/tiny/arguments'],
      ['service', true, FMRI],
      ['foreign', true, 'bin/stranger'],
      ['configuration', false, '/opt/local/etc/tiny.conf'],
      ['written', false, null],
    ],
  )
  shows(await workshop.command('verify', 'box'), 1, /^box: 5 faults/, /next: svcadm enable/)
  shows(await workshop.command('owns', 'box', 'bin/tiny'), 0, /mode 755 -> 700/)
  shows(await workshop.command('status', 'box', 'twin', 'bare'), 0, /1\.0 !/, /! {2}a service is not online/)
})

reading('verify: damaged records are findings, not the end', async () => {
  writeFileSync(installed('var/build-stack/receipts/tiny.json'), '{"format": 9}\n')
  appendFileSync(installed('var/build-stack/receipts/tiny.files'), 'half a li')
  shows(await workshop.command('verify', 'box'), 1, /receipt .*format 9/, /list .*1 damaged line/)
})

reading('a host that cannot be reached takes nothing from the others', async () => {
  const hosts = { away: { address: '127.0.0.1', port: 1 }, bare: { address: 'sandbox' } }
  workshop.write('hosts.yaml', JSON.stringify({ hosts }))
  const result = await workshop.command('verify')
  shows(result, 68, /bare: nothing is installed/, /away/)
})

for (const [words, text] of [
  [['verify', 'bix'], /there is no host "bix"/],
  [['why', 'bare', 'tinny'], /there is no recipe "tinny"; did you mean "tiny"/],
  [['owns', 'bare', '.'], /not a path below \/opt\/local/],
  [['owns', 'bare'], /missing required argument/],
] as const) {
  reading(`${words.join(' ')}: a mistake that is named`, async () => {
    shows(await workshop.command(...words), 64, text, /next: /)
  })
}

for (const name of ['verify', 'owns', 'why', 'outdated', 'compare', 'history', 'status', 'diff']) {
  reading(`${name} --help has an example`, async () => {
    shows(await workshop.command(name, '--help'), 0, new RegExp(`Example:\n  build-stack ${name}\\b`))
  })
}

reading.after(async () => {
  announcements.close()
  await workshop.close()
})
reading.run()
