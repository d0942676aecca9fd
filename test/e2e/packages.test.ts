/** Packages end to end: reuse, floors, damage, going back, files of nobody, hand-made installations, cleaning up. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTiny, type TinyPackage, tinyRecipe } from './tinyPackage.ts'
import { type Outcome, Workshop } from './workshop.ts'

const workshop = new Workshop()
const one = packTiny(workshop.archives, '1.0')
const two = packTiny(workshop.archives, '2.0', {
  'Makefile.in': (text) =>
    text.replace('value $(DESTDIR)$(prefix)/share/tiny/', 'value $(DESTDIR)$(prefix)/share/'),
})
const host = (name: string) => `  ${name}:\n    address: sandbox\n    recipes:\n      tiny: "*"\n`
workshop.write('hosts.yaml', `hosts:\n${['box', 'other'].map(host).join('')}`)

const want = (archive: TinyPackage, fields: object = {}) =>
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive, fields))
const store = (name: string) => join(workshop.root(name), 'opt/local/var/build-stack/packages')
const put = (name: string, path: string, content: string | Buffer, mode = 0o644) => {
  const file = join(workshop.root(name), 'opt/local', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  chmodSync(file, mode)
}
const says = (outcome: Outcome, code: number, ...texts: RegExp[]) => {
  assert.is(outcome.code, code, outcome.stdout + outcome.stderr)
  for (const text of texts) assert.match(outcome.stdout + outcome.stderr, text)
}
const receipt = (name: string) => workshop.read(name, 'opt/local/var/build-stack/receipts/tiny.json')
const packageFile = (ending: string) => {
  const folder = workshop.cache('packages')
  const file = readdirSync(folder).find((found) => found.startsWith('tiny-1.0') && found.endsWith(ending))
  return join(folder, file as string)
}

const stepsOn = (name: string) => {
  const jobs = join(workshop.root(name), 'var/tmp/build-stack/jobs')
  return readdirSync(jobs).flatMap((job) => readdirSync(join(jobs, job, 'steps')))
}

const reuse = suite('reuse')

reuse('two hosts: one builds, the other installs what it built', async () => {
  want(one)
  says(await workshop.build('box', 'other', '--yes'), 0)
  const compiled = ['box', 'other'].filter((name) => stepsOn(name).some((step) => step.includes('configure')))
  assert.is(compiled.length, 1)
  assert.equal(workshop.prefix('box'), workshop.prefix('other'))
  assert.match(JSON.parse(receipt('box') as string).links.floor.libc.join(), /GLIBC_2\./)
})

reuse('a host below the floor of a package builds, and the plan says why', async () => {
  says(await workshop.command('remove', 'other', 'tiny'), 0)
  rmSync(store('other'), { recursive: true })
  const info = packageFile('.json')
  const before = readFileSync(info, 'utf8')
  writeFileSync(info, before.replace(/"libc":\["GLIBC_[\d.]+"\]/, '"libc":["GLIBC_9.9"]'))
  says(
    await workshop.build('other', '--dry-run'),
    2,
    /built here: the package of it needs glibc 9\.9, and the host has glibc 2/,
  )
  says(await workshop.build('other'), 0)
  writeFileSync(info, before)
})

reuse('a damaged package of this machine is built instead', async () => {
  says(await workshop.command('remove', 'other', 'tiny'), 0)
  rmSync(store('other'), { recursive: true })
  appendFileSync(packageFile('.tar.gz'), 'x')
  says(await workshop.build('other', '--dry-run'), 2, /package/)
  says(await workshop.build('other'), 0)
  assert.is((await workshop.login('other', '/opt/local/bin/tiny')).stdout, 'tiny 1.0')
})

reuse('a host of a later run installs what another one built before', async () => {
  const kept = ['box', 'other'].map((name) => [store(name), readdirSync(store(name))] as const)
  want(one, { env: { TINY_VALUE: 'later' } })
  says(await workshop.build('box'), 0)
  const steps = stepsOn('other').filter((step) => step.includes('configure')).length
  says(await workshop.build('other', '--dry-run'), 2, /from box's package, no build/)
  says(await workshop.build('other'), 0)
  assert.is(stepsOn('other').filter((step) => step.includes('configure')).length, steps)
  assert.equal(workshop.prefix('box'), workshop.prefix('other'))
  // As it was before, for what follows.
  want(one)
  says(await workshop.build('box', 'other', '--yes'), 0)
  for (const [folder, before] of kept)
    for (const name of readdirSync(folder)) if (!before.includes(name)) rmSync(join(folder, name))
})

const back = suite('going back')

back('an upgrade and a rollback give the same tree and the same receipt', async () => {
  const [tree, record] = [workshop.prefix('box'), receipt('box')]
  want(two)
  says(await workshop.build('box'), 0)
  assert.not.equal(workshop.prefix('box'), tree)
  says(await workshop.command('rollback', 'box', 'tiny'), 0)
  assert.equal(workshop.prefix('box'), tree)
  assert.is(receipt('box'), record)
  says(await workshop.command('rollback', 'box', 'tiny', '--to', '2.0'), 0)
})

back('a package that somebody changed is refused, and the prefix stays', async () => {
  const before = workshop.prefix('box')
  const name = readdirSync(store('box')).find((file) => /^tiny-1\.0.*gz$/.test(file)) as string
  const whole = readFileSync(join(store('box'), name))
  appendFileSync(join(store('box'), name), 'x')
  says(await workshop.command('rollback', 'box', 'tiny'), 1, /is not what it was when it was made/)
  assert.equal(workshop.prefix('box'), before)
  rmSync(join(store('box'), name))
  says(await workshop.command('rollback', 'box', 'tiny'), 1, /is not on this host any more/)
  assert.equal(workshop.prefix('box'), before)
  writeFileSync(join(store('box'), name), whole)
})

back('a package of a newer build-stack is left alone', async () => {
  const name = readdirSync(store('box')).find((file) => /^tiny-1\.0.*json$/.test(file)) as string
  const file = join(store('box'), name)
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('"format":1', '"format":99'))
  says(await workshop.command('rollback', 'box', 'tiny'), 64, /keeps no earlier package/)
  writeFileSync(file, text)
})

back('receipts of a clock that was wrong, of a newer format and half written ones', async () => {
  const path = join(workshop.root('box'), 'opt/local/var/build-stack/receipts/tiny.json')
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace(/"installedAt":"[^"]*"/, '"installedAt":"2099-01-01T00:00:00Z"'))
  says(await workshop.build('box', '--dry-run'), 0)
  says(await workshop.command('status', 'box'), 0, /tiny +2\.0/)
  for (const [damaged, reason] of [
    [text.replace('"format":1', '"format":9'), /its receipt is damaged: format 9/],
    [text.slice(0, 80), /its receipt is damaged: not valid JSON/],
  ] as const) {
    writeFileSync(path, damaged)
    says(await workshop.build('box', '--dry-run'), 2, reason)
  }
  writeFileSync(path, text)
})

const repair = suite('files that somebody took away or changed')

repair('come back with the next run, out of the package; the dry run says which', async () => {
  const before = workshop.prefix('box')
  want(two)
  rmSync(join(workshop.root('box'), 'opt/local/bin/tiny'))
  appendFileSync(join(workshop.root('box'), 'opt/local/share/value'), 'more\n')
  says(
    await workshop.build('box', '--dry-run'),
    2,
    /box: 1 to repair\n/,
    /~ tiny 2\.0 {2}repair\n +from the package on the host, no build/,
    / 1 recorded file is missing: bin\/tiny\n/,
    / 1 recorded file was changed: share\/value \(size\)\n/,
  )
  says(await workshop.command('verify', 'box'), 1, /next: build-stack box --only tiny --reinstall\n/)
  says(await workshop.build('box'), 0, /repaired/)
  assert.equal(workshop.prefix('box'), before)
  says(await workshop.build('box', '--dry-run'), 0)
})

repair('come back with --reinstall where only their contents tell', async () => {
  const before = workshop.prefix('box')
  const file = join(workshop.root('box'), 'opt/local/bin/tiny')
  const { mtime } = statSync(file)
  const content = readFileSync(file)
  writeFileSync(file, content.fill('x', 100, 200))
  utimesSync(file, mtime, mtime)
  says(await workshop.build('box', '--dry-run'), 0)
  says(await workshop.command('verify', 'box'), 1, /next: build-stack box --only tiny --reinstall\n/)
  says(await workshop.build('box', '--reinstall'), 64, /--reinstall needs to know which recipes/)
  says(await workshop.build('box', '--only', 'tiny', '--reinstall', '--dry-run'), 2, /asked for: --reinstall/)
  says(await workshop.build('box', '--only', 'tiny', '--reinstall'), 0)
  assert.equal(workshop.prefix('box'), before)
  says(await workshop.command('verify', 'box'), 0)
})

const updated = suite('going back to what was updated since it was built')

updated('brings its configuration and its receipt back as they were last', async () => {
  const files = (content: string) => ({ files: [{ path: 'etc/tiny.conf', content }] })
  want(one, files('a\n'))
  says(await workshop.build('box'), 0)
  want(one, files('b\n'))
  says(await workshop.build('box'), 0, /updated/)
  const before = [workshop.prefix('box'), receipt('box')]
  want(two, files('c\n'))
  says(await workshop.build('box'), 0)
  says(await workshop.command('rollback', 'box', 'tiny'), 0)
  assert.equal([workshop.prefix('box'), receipt('box')], before)
  assert.is(workshop.read('box', 'opt/local/etc/tiny.conf'), 'b\n')
  want(one, files('b\n'))
  says(await workshop.build('box', '--dry-run'), 0)
})

const nobody = suite('files of nobody')

nobody('are refused, taken over where they are the same, replaced when told to, and come back', async () => {
  says(await workshop.command('remove', 'box', 'tiny'), 0)
  put('box', 'share/tiny/arguments', '--prefix=/opt/local\n')
  want(one)
  says(await workshop.build('box'), 1, /share\/tiny\/arguments is there and belongs to nobody/, /--adopt/)
  says(await workshop.build('box', '--adopt'), 0)
  says(await workshop.command('remove', 'box', 'tiny'), 0)
  put('box', 'bin/tiny', '#!/bin/sh\necho mine\n', 0o700)
  const before = workshop.prefix('box')
  says(await workshop.build('box', '--adopt'), 1, /bin\/tiny is there and belongs to nobody/)
  assert.equal(workshop.prefix('box'), before)
  says(await workshop.build('box', '--overwrite'), 0)
  assert.is((await workshop.login('box', '/opt/local/bin/tiny')).stdout, 'tiny 1.0')
  says(await workshop.command('remove', 'box', 'tiny'), 0)
  assert.equal(workshop.prefix('box'), before)
  rmSync(join(workshop.root('box'), 'opt/local/bin/tiny'))
})

const handMade = suite('a hand-made installation')

handMade('is taken into the records, is as recorded, is upgraded, and comes back', async () => {
  const more = {
    files: ['mine', 'same'].map((name) => ({ path: `etc/${name}.conf`, content: `${name} of the recipe\n` })),
    services: { tiny: { summary: 'tiny', command: ['/bin/sleep', '5001'] } },
  }
  want(one, more)
  put('box', 'etc/mine.conf', 'by hand\n')
  put('box', 'etc/same.conf', 'same of the recipe\n')
  const built = readFileSync(join(workshop.root('other'), 'opt/local/bin/tiny'))
  put('box', 'bin/tiny', built, 0o755)
  put('box', 'share/tiny/value', 'by hand\n')
  put('box', 'share/tiny/arguments', '--prefix=/opt/local\n', 0o640)
  put('box', 'bin/stranger', 'not of tiny\n')
  const before = workshop.prefix('box')
  const adopt = (...words: string[]) => workshop.command('adopt', 'box', 'tiny', ...words)
  says(await adopt('1.0'), 64, /--files/)
  says(await adopt('7.0', '--prefix-scan', 'bin/tiny'), 65)
  says(await adopt('1.0', '--prefix-scan', '../etc/*'), 64, /not a file of an installation/)
  const list = join(workshop.folder, 'list')
  writeFileSync(list, '/opt/local/bin/tiny\nshare/tiny/nothing\n')
  says(await adopt('1.0', '--files', list), 1, /share\/tiny\/nothing is not there/)
  says(
    await adopt('1.0', '--prefix-scan', 'bin/tiny', '--prefix-scan', 'share/tiny', '--dry-run'),
    2,
    /tiny 1\.0/,
  )
  assert.is(receipt('box'), undefined)
  const file = join(workshop.folder, 'adopt.json')
  const scan = ['--prefix-scan', 'bin/tiny', '--prefix-scan', 'share/tiny']
  says(await adopt('1.0', ...scan, '--out', file), 2, /build-stack apply .*adopt\.json carries out just this/)
  assert.is(receipt('box'), undefined)
  says(await workshop.command('apply', file), 0)
  says(await workshop.command('apply', file), 64, /in the records/)
  assert.equal(workshop.prefix('box'), before)
  assert.is(JSON.parse(receipt('box') as string).adopted, true)
  says(await workshop.command('verify', 'box', '--no-foreign'), 0)
  // Nobody asked for its service before. How long it takes is known of what apply took.
  says(
    await workshop.build('box', '--dry-run'),
    2,
    /! \/opt\/local\/etc\/mine\.conf was edited by hand\n/,
    /update \(services only\)\n +(about \d+ s; )?tiny starts\n +manifest \/opt\/local\/svc\/manifest\/tiny\.xml \(new\):\n/,
  )
  says(await workshop.build('box'), 0)
  says(await workshop.build('box', '--dry-run'), 0)
  assert.match((await workshop.login('box', 'svcs -H tiny')).stdout, /^online/)
  assert.is(workshop.read('box', 'opt/local/etc/mine.conf'), 'by hand\n')
  assert.is(workshop.read('box', 'opt/local/etc/mine.conf.new'), undefined)
  const updated = workshop.prefix('box')
  says(await adopt('1.0', '--prefix-scan', 'bin/tiny'), 64, /in the records/)
  want(two, more)
  says(await workshop.build('box'), 0)
  assert.is(workshop.read('box', 'opt/local/share/tiny/value'), undefined)
  assert.is(workshop.read('box', 'opt/local/bin/stranger'), 'not of tiny\n')
  says(await workshop.command('rollback', 'box', 'tiny', '--to', '1.0'), 0)
  assert.equal(workshop.prefix('box'), updated)
})

const cleanup = suite('gc')

cleanup(
  'keeps the limits of this machine after a run too, but for what was used in the last hour',
  async () => {
    const folder = workshop.cache('packages')
    const archives = () => readdirSync(folder).filter((name) => name.endsWith('.tar.gz'))
    const hosts = `cache:\n  packages: 1K\nhosts:\n${['box', 'other'].map(host).join('')}`
    workshop.write('hosts.yaml', hosts)
    const longAgo = new Date(Date.now() - 2 * 3_600_000)
    const [oldest = ''] = archives()
    utimesSync(join(folder, oldest), longAgo, longAgo)
    want(one, { env: { TINY_VALUE: 'limit' } })
    const before = archives().length
    says(await workshop.build('box', '--dry-run'), 2)
    assert.is(archives().length, before)
    says(await workshop.build('box'), 0)
    assert.not.ok(existsSync(join(folder, oldest)))
    // With the one that this run has brought.
    assert.is(archives().length, before)
  },
)

cleanup('takes old jobs and packages beyond the limits of both machines', async () => {
  const jobs = join(workshop.root('box'), 'var/tmp/build-stack/jobs')
  const [job = ''] = readdirSync(jobs)
  const longAgo = new Date(Date.now() - 3 * 86_400_000)
  utimesSync(join(jobs, job, 'exit'), longAgo, longAgo)
  const hosts = `cache:\n  packages: 1K\n  logs: 1K\nhosts:\n${['box', 'other'].map(host).join('')}`
  workshop.write('hosts.yaml', hosts)
  says(await workshop.command('gc', 'box', '--dry-run'), 0, /box: would free/, /this machine: would free/)
  assert.ok(existsSync(join(jobs, job)))
  says(await workshop.command('gc', 'box'), 0, new RegExp(`job +${job}`), /log +logs\/box/)
  assert.not.ok(existsSync(join(jobs, job)))
  says(
    await workshop.command('gc', 'box'),
    0,
    /box: nothing to clean up/,
    /this machine: nothing to clean up/,
  )
})

cleanup.after(() => workshop.close())
reuse.run()
back.run()
repair.run()
updated.run()
nobody.run()
handMade.run()
cleanup.run()
