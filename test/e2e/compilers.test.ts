/** Builds with the real ccache and distcc: the second one is had from the cache, and another machine compiles. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findProgram } from '../host/shells.ts'
import { unless } from '../unless.ts'
import { type Distccd, noDistcc, startDistccd } from './distccd.ts'
import { packTiny, type TinyPackage, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const noCcache = findProgram('ccache') ? undefined : 'no ccache (apt-get install ccache)'
const PARTS = ['one.c', 'three.c', 'two.c']
const FARM_CPUS = 3

const workshop = new Workshop()
const test = suite('builds with ccache and distcc')
const cached = unless(noCcache, test)
const far = unless(noDistcc, test)
const both = unless(noCcache ?? noDistcc, test)

/**
 * A source of three objects; its configure compiles, too. together: each of its compiles waits for all of them to begin.
 */
function pack(version: string, together = false): TinyPackage {
  const objects = PARTS.map((name) => name.replace(/c$/, 'o'))
  const wait = `	: >$@.begun; i=0; until ls ${objects.map((name) => `${name}.begun`).join(' ')} >/dev/null 2>&1; do \\
	  i=$$((i + 1)); [ $$i -lt 600 ] || { echo "$@ is alone"; exit 1; }; sleep 0.1; done\n`
  return packTiny(
    workshop.archives,
    version,
    {
      configure: (text) =>
        text.replace(
          '#!/bin/sh',
          '#!/bin/sh\necho "int main(void) { return 0; }" >conftest.c && $CC -c conftest.c || exit 1',
        ),
      'Makefile.in': (text) =>
        text
          .replace(
            'tiny: tiny.c',
            () => `%.o: %.c\n${together ? wait : ''}	$(CC) -g -O2 -c $<\ntiny: tiny.c ${objects.join(' ')}`,
          )
          .replace('-o tiny tiny.c', `-o tiny tiny.c ${objects.join(' ')}`),
    },
    Object.fromEntries(
      PARTS.map((name) => [name, Buffer.from(`int ${name.slice(0, -2)}_${version.replaceAll('.', '_')};\n`)]),
    ),
  )
}

/** Hosts with these settings. */
function write(archive: TinyPackage, settings: Record<string, object>, fields: object = {}): void {
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive, fields))
  const hosts = Object.entries(settings).map(([name, own]) => [
    name,
    { address: 'sandbox', recipes: { tiny: archive.version }, ...own },
  ])
  workshop.write('hosts.yaml', JSON.stringify({ hosts: Object.fromEntries(hosts) }))
}

/** Builds it anew, whatever is there. */
async function build(host: string): Promise<void> {
  const { code, stdout } = await workshop.build(host, '--only', 'tiny', '--reinstall', '--no-packages')
  assert.is(code, 0, stdout)
}

/** What ccache counts of the objects that it was asked for. */
async function counts(host: string, folder = '/var/tmp/build-stack/ccache') {
  const { stdout } = await workshop.login(host, `CCACHE_DIR=${folder} ccache --print-stats`)
  const count = (name: string) => Number(new RegExp(`^${name}\\t(\\d+)$`, 'm').exec(stdout)?.[1])
  return { hits: count('direct_cache_hit') + count('preprocessed_cache_hit'), misses: count('cache_miss') }
}

async function withFarm(work: (farm: Distccd, settings: { distcc: string[] }) => Promise<void>) {
  const farm = await startDistccd(FARM_CPUS)
  try {
    await work(farm, { distcc: [`127.0.0.1:${farm.port}/${FARM_CPUS}`] })
  } finally {
    await farm.stop()
  }
}

/** Which of the objects it gets is distcc's choice; it begins with the farm. */
function compiledBy(farm: Distccd): string[] {
  const found = farm.compiled()
  assert.ok(found.length > 0, 'nothing was compiled there')
  assert.equal(
    found.filter((file) => !PARTS.includes(file)),
    [],
  )
  return found
}

cached('a second build takes every object from the cache, and installs the same', async () => {
  const archive = pack('1.0')
  write(archive, { box: { ccache: true }, plain: {} })
  await build('box')
  // With that of configure.
  const all = PARTS.length + 1
  assert.equal(await counts('box'), { hits: 0, misses: all })
  const first = workshop.prefix('box')
  await build('box')
  assert.equal(await counts('box'), { hits: all, misses: all })
  assert.equal(workshop.prefix('box'), first)
  await build('plain')
  assert.equal(workshop.prefix('plain'), first)
  // Nothing is to be built for a setting.
  write(archive, { box: {} })
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 0, stdout)
  assert.match(stdout, /1 up to date/)
})

cached('a cache of the host’s own, and a recipe that goes without', async () => {
  const archive = pack('1.1')
  const settings = { box: { ccache: { folder: '/var/objects', size: '100M' } } }
  write(archive, settings)
  await build('box')
  assert.equal(await counts('box', '/var/objects'), { hits: 0, misses: PARTS.length + 1 })
  write(archive, settings, { ccache: false })
  await build('box')
  assert.equal(await counts('box', '/var/objects'), { hits: 0, misses: PARTS.length + 1 })
})

far('another machine compiles, with its cpus at the same time; configure and linking stay here', () =>
  withFarm(async (farm, settings) => {
    // One cpu alone would wait for ever.
    write(pack('1.2', true), { box: { ...settings, jobs: 1 } })
    await build('box')
    compiledBy(farm)
  }),
)

far('a recipe that does not build so is built here, on the host’s own cpus', () =>
  withFarm(async (farm, settings) => {
    write(pack('1.3'), { box: { ...settings, jobs: 1 } }, { distcc: false })
    await build('box')
    assert.equal(farm.compiled(), [])
  }),
)

far('without the other machine the host compiles itself', async () => {
  let gone: { distcc: string[] } | undefined
  await withFarm(async (_, settings) => {
    gone = settings
  })
  write(pack('1.4'), { box: gone as object })
  await build('box')
})

both('the other machine compiles what the cache does not have', () =>
  withFarm(async (farm, settings) => {
    write(pack('1.5'), { both: { ...settings, ccache: true } })
    await build('both')
    const compiled = compiledBy(farm)
    const misses = PARTS.length + 1
    assert.equal(await counts('both'), { hits: 0, misses })
    await build('both')
    assert.equal(compiledBy(farm), compiled)
    assert.equal(await counts('both'), { hits: misses, misses })
  }),
)

test.after(() => workshop.close())
test.run()
