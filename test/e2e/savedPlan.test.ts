/** The diff that is believed, and plans that are saved and applied, over two hosts with the tiny package. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ActionPreview, Preview } from '../../runner/plan/preview.ts'
import { usableServers } from './servers.ts'
import { packTiny, tinyPatch, tinyRecipe } from './tinyPackage.ts'
import { eventsOf, Workshop } from './workshop.ts'

/** One way to reach hosts is enough: what is tested is on this side of the line and in the scripts. */
for (const server of usableServers().slice(0, 1)) {
  const workshop = new Workshop({ ...server.env, TINY_SECRET: 'hunter-of-two' })
  const one = packTiny(workshop.archives, '1.0')
  const two = packTiny(workshop.archives, '2.0', {
    'Makefile.in': (text) => text.replace('cp arguments value', 'cp arguments'),
  })
  const plan = join(workshop.folder, 'plan.json')
  const box = (name: string) =>
    `  ${name}:\n    address: sandbox\n    recipes: { tiny: "*" }\n    secrets: { word: { env: TINY_SECRET } }\n`
  workshop.write('hosts.yaml', `hosts:\n${['left', 'right', 'late'].map(box).join('')}`)
  workshop.write('patches/tiny/01-greeting.patch', tinyPatch())

  const service = (seconds: number) => ({
    tiny: { summary: 'tiny', command: ['/bin/sh', '-c', `sleep ${seconds}; exit 1`] },
  })
  const files = (value: number) => [
    { path: '/etc/tiny.conf', content: `first\nvalue ${value}\npassword \${secret.word}\n`, mode: '0600' },
  ]
  const write = (fields: object, archive = one) =>
    workshop.write(
      'recipes/tiny.yaml',
      tinyRecipe(archive, { patches: [{ file: 'tiny/01-greeting.patch' }], ...fields }),
    )
  const first = () => write({ services: service(5001), files: files(1) })
  const dryRun = async (...words: string[]) => {
    const { code, stdout, stderr } = await workshop.build('left', 'right', '--dry-run', ...words)
    assert.is(stderr, '')
    return { code, stdout }
  }

  const diff = suite('the dry run of two hosts')

  diff('says before the first run that one host builds, and what starts', async () => {
    first()
    const { code, stdout } = await dryRun()
    assert.is(code, 2)
    assert.match(stdout, /^left, right \(2 hosts\): 1 to install\n/)
    assert.match(stdout, /built on one host, installed from its package on the others; tiny starts\n/)
  })

  diff('names the host whose package a third one would install, and counts its files', async () => {
    assert.is((await workshop.build('left', 'right')).code, 0)
    const { stdout } = await workshop.build('late', '--dry-run', '--verbose')
    assert.match(stdout, /from (left|right)'s package, no build.*; tiny starts\n +5 files would appear\n/)
    assert.match(stdout, /\n +\+ bin\/tiny\n +\+ share\/tiny\/arguments\n +\+ share\/tiny\/value\n/)
  })

  diff('with nothing to do shows them once', async () => {
    const { code, stdout } = await dryRun()
    assert.is(code, 0)
    assert.match(
      stdout,
      /^left, right \(2 hosts\): 1 up to date\n {2}= tiny 1\.0 {2}up to date\n\nnothing to do\n$/,
    )
  })

  diff('names a secret that has another value now, and shows neither; a run brings it', async () => {
    const before = workshop.env.TINY_SECRET
    workshop.env.TINY_SECRET = ''
    assert.is((await dryRun()).code, 0)
    workshop.env.TINY_SECRET = 'hunter-of-three'
    const { code, stdout } = await dryRun()
    assert.is(code, 2)
    assert.match(stdout, /~ tiny 1\.0 {2}update \(files only\)\n(.*\n)? +secret word changed\n/)
    assert.not.match(stdout, /hunter/)
    assert.is((await workshop.build('left')).code, 0)
    assert.match(workshop.read('left', 'etc/tiny.conf') ?? '', /password hunter-of-three\n/)
    assert.not.match(workshop.read('left', 'opt/local/var/build-stack/receipts/tiny.json') ?? '', /hunter/)
    assert.is((await workshop.build('left', '--dry-run')).code, 0)
    workshop.env.TINY_SECRET = before
    assert.is((await workshop.build('left')).code, 0)
    assert.is((await dryRun()).code, 0)
  })

  diff('shows texts as unified diffs, times, disk, and first what somebody did on one host', async () => {
    workshop.write('patches/tiny/01-greeting.patch', tinyPatch().replace('patched', 'mended'))
    write({ services: service(5002), files: files(2) })
    writeFileSync(join(workshop.root('right'), 'etc/tiny.conf'), 'mine\n')
    const { code, stdout } = await dryRun()
    assert.is(code, 2)
    const [head, edited, recipe, takes] = stdout.split('\n')
    assert.is(head, 'left, right (2 hosts): 1 to rebuild')
    assert.is(
      edited,
      '  ! right: /etc/tiny.conf was edited by hand: kept; the new one goes beside it as tiny.conf.new',
    )
    assert.is(recipe, '  ~ tiny 1.0  rebuild')
    assert.match(
      takes ?? '',
      /^ {6}build about \d+ s( to \d+ s)?; built on one host.*; tiny down about \d+ s/,
    )
    assert.match(
      stdout,
      /patch tiny\/01-greeting\.patch:\n +@@ .*\n(.*\n)+ +-\+ {2}puts\("tiny 1\.0 patched"\);\n +\+\+ {2}puts\("tiny 1\.0 mended"\);/,
    )
    assert.match(
      stdout,
      /\/etc\/tiny\.conf:\n +@@ .*\n +first\n +-value 1\n +\+value 2\n +password \$\{secret\.word\}\n/,
    )
    assert.match(
      stdout,
      /method \/opt\/local\/svc\/method\/tiny:\n(.*\n)+ +-start\) exec .*sleep 5001.*\n +\+start\) exec .*sleep 5002/,
    )
    assert.match(stdout, /disk: about .* of .* free in \/opt\/local, about .* in \/var\/tmp\/build-stack\n/)
    assert.not.match(stdout, 'hunter-of-two')
  })

  diff('has the same as JSON', async () => {
    const { stdout } = await dryRun('--json')
    const planned = eventsOf(stdout).filter(({ type }) => type === 'host-planned')
    assert.is(planned.length, 2)
    const { preview } = planned.find(({ host }) => host === 'right') as unknown as { preview: Preview }
    const tiny = preview.actions.tiny as ActionPreview
    assert.equal(tiny.kept, [{ path: '/etc/tiny.conf', because: 'edited' }])
    assert.equal(
      tiny.texts.map(({ kind }) => kind),
      ['patch', 'configuration', 'method'],
    )
    assert.ok((tiny.duration?.seconds ?? 0) > 0)
    assert.is(tiny.services[0]?.what, 'restart')
    assert.equal(
      preview.disk.map(({ needed, free = 0 }) => needed > 0 && free > needed),
      [true, true],
    )
    assert.not.match(stdout, 'hunter-of-two')
  })

  diff('tells of services that were disabled or deleted by hand', async () => {
    await workshop.login('left', 'svcadm disable -s application/build-stack/tiny')
    const { stdout } = await dryRun()
    assert.match(
      stdout,
      /! left: svc:\/application\/build-stack\/tiny:default was disabled by hand, and stays so\n/,
    )
    await workshop.login('left', 'svcadm enable -s application/build-stack/tiny')
  })

  const saved = suite('a saved plan')
  const save = async (...words: string[]) => {
    const { code, stdout, stderr } = await workshop.build('left', 'right', '--out', plan, ...words)
    assert.is(code, 2, stdout + stderr)
  }
  const refused = async (pattern: RegExp, code = 75) => {
    const before = [workshop.prefix('left'), workshop.prefix('right')]
    const run = await workshop.build('apply', plan)
    assert.is(run.code, code, run.stdout + run.stderr)
    assert.match(run.stdout + run.stderr, pattern)
    assert.equal([workshop.prefix('left'), workshop.prefix('right')], before)
  }

  saved('changes nothing, is for its owner only, and has no secret in it', async () => {
    const before = workshop.prefix('left')
    await save()
    assert.equal(workshop.prefix('left'), before)
    assert.is(statSync(plan).mode & 0o777, 0o600)
    const text = readFileSync(plan, 'utf8')
    assert.not.match(text, 'hunter-of-two')
    assert.not.match(text, 'value 2')
    assert.is(JSON.parse(text).hosts.length, 2)
  })

  saved('is refused when a recipe has changed, and says what', async () => {
    write({ services: service(5002), files: files(2), configure: ['--with-more'] })
    await refused(/left: the plan of .* does not fit any more: tiny: configure changed/)
    write({ services: service(5002), files: files(3) })
    await refused(/right: the plan of .* does not fit any more: tiny: \/etc\/tiny\.conf changed/)
    write({ services: service(5002), files: files(2) })
  })

  saved('is refused when it was edited, is of a newer build-stack, or is none', async () => {
    const text = readFileSync(plan, 'utf8')
    writeFileSync(plan, text.replace('"kind": "rebuild"', '"kind": "keep"'))
    await refused(/is not what was written: it is damaged, or somebody edited it/, 65)
    writeFileSync(plan, text.replace('"format": 2', '"format": 3'))
    await refused(/has format 3; this build-stack knows format 2/, 65)
    writeFileSync(plan, text.slice(0, 1000))
    await refused(/not valid JSON/, 65)
    writeFileSync(plan, text)
    const missing = await workshop.build('apply', `${plan}.none`)
    assert.is(missing.code, 64)
  })

  saved('is shown with --dry-run, and then carried out', async () => {
    const shown = await workshop.build('apply', plan, '--dry-run')
    assert.is(shown.code, 2, shown.stdout + shown.stderr)
    assert.match(shown.stdout, /left, right \(2 hosts\): 1 to rebuild/)
    const run = await workshop.build('apply', plan)
    assert.is(run.code, 0, run.stdout + run.stderr)
    assert.is((await workshop.login('right', '/opt/local/bin/tiny')).stdout, 'tiny 1.0 mended')
    assert.match(workshop.read('left', 'etc/tiny.conf') ?? '', /value 2\npassword hunter-of-two/)
    assert.is(workshop.read('right', 'etc/tiny.conf'), 'mine\n')
  })

  saved('is refused a second time: the receipts have changed', async () => {
    await refused(/tiny 1\.0 was installed by \S+@\S+ at 20\d\d-/)
    const { stdout } = await dryRun()
    assert.match(stdout, /nothing to do/)
  })

  saved('that was made for a package is refused when the package is gone', async () => {
    const made = await workshop.build('late', '--out', plan)
    assert.match(made.stdout, /from (left|right)'s package/)
    rmSync(workshop.cache('packages'), { recursive: true })
    const run = await workshop.build('apply', plan)
    assert.is(run.code, 75, run.stdout)
    assert.match(run.stdout, /late: .* does not fit any more: tiny: the package tiny-1\.0-\w+ is gone/)
    assert.equal(workshop.prefix('late'), [])
  })

  saved('is not written when a host has none', async () => {
    const other = join(workshop.folder, 'other.json')
    workshop.write(
      'hosts.yaml',
      `hosts:\n${box('left')}  gone:\n    address: 127.0.0.1\n    port: 9\n    recipes: { tiny: "*" }\n`,
    )
    const { code, stderr } = await workshop.build('left', 'gone', '--out', other, '--yes')
    assert.is(code, 68)
    assert.match(stderr, /other\.json was not written: not every host has a plan/)
    assert.not(existsSync(other))
  })

  const rest = suite('the dry run of a rollback and a removal')

  rest('shows what comes back', async () => {
    workshop.write('hosts.yaml', `hosts:\n${box('left')}`)
    workshop.write('patches/tiny/01-greeting.patch', tinyPatch(undefined, '2.0'))
    write({ services: service(5002), files: files(2) }, two)
    const up = await workshop.build('left')
    assert.is(up.code, 0, up.stdout)
    const { code, stdout } = await workshop.build('rollback', 'left', 'tiny', '--dry-run', '--verbose')
    assert.is(code, 2)
    assert.match(
      stdout,
      /~ tiny 2\.0 -> 1\.0 {2}rollback\n +from the package on the host, no build.*; tiny down about/,
    )
    assert.match(stdout, /1 file would appear\n +\+ share\/tiny\/value\n/)
    assert.match(stdout, /\+\+ {2}puts\("tiny 1\.0 mended"\);/)
  })

  rest('shows what goes', async () => {
    const { code, stdout } = await workshop.build('remove', 'left', 'tiny', '--dry-run')
    assert.is(code, 2)
    assert.match(stdout, /tiny:default stops for good\n +\d+ files would vanish\n/)
  })

  rest('is saved, and carried out with apply: what the last run replaced', async () => {
    assert.is((await workshop.command('rollback', 'left', '--to', '1.0')).code, 64)
    const file = join(workshop.folder, 'rollback.json')
    const before = workshop.prefix('left')
    const made = await workshop.command('rollback', 'left', '--out', file)
    assert.is(made.code, 2, made.stdout + made.stderr)
    assert.match(made.stdout, /~ tiny 2\.0 -> 1\.0 {2}rollback\n/)
    assert.match(made.stdout, /build-stack apply .*rollback\.json carries out just this\n$/)
    assert.equal(workshop.prefix('left'), before)
    const run = await workshop.command('apply', file)
    assert.is(run.code, 0, run.stdout)
    assert.match((await workshop.login('left', '/opt/local/bin/tiny')).stdout, /^tiny 1\.0/)
    const again = await workshop.command('apply', file)
    assert.is(again.code, 75)
    assert.match(again.stdout, /does not fit any more: tiny 1\.0 was installed by /)
    const { stdout } = await workshop.command('history', 'left')
    assert.match(stdout, /tiny +rollback +2\.0 -> 1\.0 +done .* plan-[0-9a-f]{8}\n$/)
  })

  rest('a removal is saved, and carried out with apply', async () => {
    const file = join(workshop.folder, 'removal.json')
    const made = await workshop.command('remove', 'left', 'tiny', '--out', file)
    assert.is(made.code, 2, made.stdout + made.stderr)
    const run = await workshop.command('apply', file)
    assert.is(run.code, 0, run.stdout)
    assert.is(workshop.read('left', 'opt/local/bin/tiny'), undefined)
    assert.is((await workshop.command('apply', file)).code, 64)
    const back = await workshop.command('rollback', 'left')
    assert.match(back.stderr + back.stdout, /the last run on left replaced nothing: remove tiny\n/)
  })

  rest('of several hosts is saved, and each gets back what its own last run replaced', async () => {
    const names = ['left', 'right']
    const hosts = (right: string) => {
      const of = (name: string, recipes: string) =>
        `  ${name}:\n    address: sandbox\n    recipes: { ${recipes} }\n`
      workshop.write('hosts.yaml', `hosts:\n${of('left', 'alpha: "*"')}${of('right', right)}`)
    }
    const note = (recipe: string, version: number) =>
      workshop.write(
        `recipes/${recipe}.yaml`,
        JSON.stringify({
          summary: recipe,
          system: 'files',
          files: [{ path: `etc/${recipe}.conf`, content: `${recipe} ${version}\n` }],
          versions: { [version]: { source: { none: true } } },
        }),
      )
    const run = async () => {
      const { code, stdout } = await workshop.build(...names, '--yes')
      assert.is(code, 0, stdout)
    }
    const read = (name: string, what: string) =>
      workshop.read(name, `opt/local/var/build-stack/receipts/${what}.json`)
    hosts('alpha: "*", beta: "*"')
    note('alpha', 1)
    note('beta', 1)
    await run()
    const before = names.map((name) => [workshop.prefix(name), read(name, 'alpha'), read(name, 'beta')])
    assert.not.equal(read('left', 'alpha'), read('right', 'alpha'))
    note('alpha', 2)
    note('beta', 2)
    await run()
    const file = join(workshop.folder, 'several.json')
    const made = await workshop.command('rollback', '*', '--out', file)
    assert.is(made.code, 2, made.stdout + made.stderr)
    const applied = await workshop.command('apply', file)
    assert.is(applied.code, 0, applied.stdout + applied.stderr)
    assert.equal(
      names.map((name) => [workshop.prefix(name), read(name, 'alpha'), read(name, 'beta')]),
      before,
    )
  })

  rest.after(() => workshop.close())

  diff.run()
  saved.run()
  rest.run()
}
