/** Hosts that lack something: programs, space. What is missing is named, and nothing under the prefix changes. */
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mountSmallDisk } from './smallDisk.ts'
import { packTiny, tinyPatch, tinyRecipe } from './tinyPackage.ts'
import { eventsOf, Workshop } from './workshop.ts'

const workshop = new Workshop()
const archive = packTiny(workshop.archives, '1.0')
workshop.write('patches/tiny/01-greeting.patch', tinyPatch())

function writeHosts(settings: object = {}): void {
  workshop.write(
    'hosts.yaml',
    JSON.stringify({ hosts: { box: { address: 'sandbox', recipes: { tiny: '*' }, ...settings } } }),
  )
}

/** A folder of the world with all of this machine's programs but some. */
function programsBut(hidden: RegExp): string {
  const folder = `opt/programs-${hidden.source.replace(/\W/g, '')}`
  mkdirSync(join(workshop.root('box'), folder), { recursive: true })
  for (const name of new Set(['/usr/bin', '/usr/sbin', '/bin'].flatMap((path) => readdirSync(path)))) {
    if (!hidden.test(name)) symlinkSync(`/usr/bin/${name}`, join(workshop.root('box'), folder, name))
  }
  return `/${folder}`
}

const programs = suite('a host without')

programs.before(async () => {
  writeHosts({ recipes: {} })
  assert.is((await workshop.command('box')).code, 0)
})

for (const [what, hidden, says, packages] of [
  [
    'a compiler',
    /^(.*-)?(gcc|cc|clang|c89|c99|tcc|g\+\+|c\+\+)(-.*)?$/,
    /the host lacks a C compiler \(for tiny\)/,
    /gcc libc6-dev/,
  ],
  ['make', /^g?make$/, /the host lacks GNU make \(for tiny\)/, /make/],
  ['patch', /^g?patch$/, /the host lacks patch \(for tiny\)/, /patch/],
] as const) {
  programs(`${what} is told so before anything starts, with the command that installs it`, async () => {
    workshop.write(
      'recipes/tiny.yaml',
      tinyRecipe(archive, {}, { patches: [{ file: 'tiny/01-greeting.patch' }] }),
    )
    writeHosts({ path: [programsBut(hidden)] })
    const { code, stdout } = await workshop.build('box', '--json')
    assert.is(code, 69, stdout)
    const events = eventsOf(stdout)
    const error = events.find((event) => event.error)?.error as Record<string, string>
    assert.is(error.code, 'PREREQUISITE')
    assert.match(error.message ?? '', says)
    assert.match(error.next ?? '', new RegExp(`apt-get install ${packages.source}$`))
    assert.not.ok(events.some((event) => ['fetch', 'upload', 'job'].includes(event.type)))
    assert.equal(workshop.prefix('box'), [])
  })
}

const space = suite('a full disk')

/** What make leaves in the build folder and, as share/tiny/big, in the stage; in kilobytes. */
const large = (kilobytes: number) =>
  packTiny(workshop.archives, `2.${kilobytes}`, {
    'Makefile.in': (text) =>
      text
        .replace('	$(CC)', `	dd if=/dev/zero of=big bs=1024 count=${kilobytes}\n	$(CC)`)
        .replace('	cp arguments', '	cp big $(DESTDIR)$(prefix)/share/tiny/\n	cp arguments'),
  })
const small = (folder: string) => mountSmallDisk(workshop.endpoint('box'), folder, 2)

space('of the working folder, in the middle of a build', async () => {
  writeHosts()
  const disk = small('/var/tmp/build-stack')
  workshop.write('recipes/tiny.yaml', tinyRecipe(large(4000)))
  const { code, stdout } = await workshop.build('box')
  disk.unmount()
  assert.is(code, 1, stdout)
  assert.match(stdout, /build failed \(exit code 2\): the disk is full/)
  assert.match(stdout, /next: free some space in the working folder and under the prefix, then run again/)
  assert.equal(workshop.prefix('box'), [])
})

space('of the working folder, seen before the build', async () => {
  const disk = small('/var/tmp/build-stack')
  const archive = packTiny(workshop.archives, '3.0', {}, { ballast: Buffer.alloc(1_000_000) })
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive))
  const { code, stdout } = await workshop.build('box')
  disk.unmount()
  assert.is(code, 1, stdout)
  assert.match(stdout, /\/var\/tmp\/build-stack has 2 MB free; the build needs about \d MB/)
  assert.match(stdout, /next: free some space there, or set "work" in hosts\.yaml/)
  assert.equal(workshop.prefix('box'), [])
})

space('under the prefix: the version before stays', async () => {
  const disk = small('/opt/local')
  // The world's own view of the prefix: the mount is in its namespace only.
  const content = async () =>
    (
      await workshop.login(
        'box',
        'cd /opt/local && find . ! -path "./var/build-stack*" -exec ls -ldn {} + && cat bin/tiny',
      )
    ).stdout
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive))
  {
    const r = await workshop.build('box')
    assert.is(r.code, 0, r.stdout)
  }
  const before = await content()
  workshop.write('recipes/tiny.yaml', tinyRecipe(large(4000)))
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 1, stdout)
  assert.match(stdout, /prepare failed \(exit code 1\): the disk is full/)
  assert.is(await content(), before)
  // With more room the same run goes through.
  disk.resize(20)
  {
    const r = await workshop.build('box')
    assert.is(r.code, 0, r.stdout)
  }
})

programs.run()
space.after(() => workshop.close())
space.run()
