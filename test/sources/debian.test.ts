import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { aptState } from '../../runner/sources/aptState.ts'
import { checkArchive } from '../../runner/sources/archive.ts'
import { fetchFromDebian } from '../../runner/sources/debian.ts'
import { fetchSource } from '../../runner/sources/fetch.ts'
import { PlaceFailure } from '../../runner/sources/source.ts'
import { rejects } from '../rejects.ts'
import { unless } from '../unless.ts'
import { inTemporaryFolder } from './temporary.ts'
import { withoutApt } from './withoutApt.ts'

const test = suite('sources/debian')
const orig = randomBytes(5000)
const sum = (content: Buffer | string) => createHash('sha256').update(content).digest('hex')
const wanted = { file: 'hello_1.0.orig.tar.gz', sha256: sum(orig) }

/** One source package of a mirror: its version, its folder, and whether the archive lies there. */
interface Published {
  version: string
  directory: string
  present: boolean
  /** Whether the package's other files lie there; they do unless given. */
  whole?: boolean
}

/** A small mirror of Debian's in a folder, in the format of a real one. */
async function publish(mirror: string, packages: Published[], suite = 'bookworm'): Promise<void> {
  const paragraphs = packages.map(({ version, directory }) =>
    [
      'Package: hello',
      'Binary: hello',
      `Version: ${version}`,
      'Format: 3.0 (quilt)',
      'Architecture: any',
      `Directory: ${directory}`,
      'Checksums-Sha256:',
      ` ${sum('dsc')} 3 hello_${version}.dsc`,
      ` ${sum(orig)} ${orig.length} hello_1.0.orig.tar.gz`,
      '',
    ].join('\n'),
  )
  const sources = paragraphs.join('\n')
  const release = [
    'Origin: Debian',
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    'Components: main',
    'SHA256:',
    ` ${sum(sources)} ${sources.length} main/source/Sources`,
    '',
  ].join('\n')
  await put(join(mirror, `dists/${suite}/main/source/Sources`), sources)
  await put(join(mirror, `dists/${suite}/Release`), release)
  for (const { version, directory, present, whole = true } of packages) {
    if (whole) await put(join(mirror, directory, `hello_${version}.dsc`), 'dsc')
    if (present) await put(join(mirror, directory, 'hello_1.0.orig.tar.gz'), orig)
  }
}

async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

interface Scene {
  folder: string
  mirror: string
  part: string
  options: { folder: string; etc: string }
}

/** A bookworm machine whose only mirror is a folder, and a cache of its own. */
function onMachine(use: (scene: Scene) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const etc = join(folder, 'etc')
    const mirror = join(folder, 'mirror')
    await put(join(etc, 'os-release'), 'ID=debian\nVERSION_CODENAME=bookworm\n')
    await put(join(etc, 'apt/sources.list'), `deb [trusted=yes] file:${mirror} bookworm main\n`)
    await mkdir(join(folder, 'apt'))
    await use({ folder, mirror, part: join(folder, 'part'), options: { folder: join(folder, 'apt'), etc } })
  })
}

const aptTest = unless(withoutApt, test)

aptTest('brings the archive and tells its version, and leaves nothing else', () =>
  onMachine(async ({ mirror, part, options }) => {
    await publish(mirror, [{ version: '1.0-1', directory: 'pool/h', present: true }])
    assert.equal(await fetchFromDebian('hello', wanted, part, options), { version: '1.0-1' })
    assert.ok((await readFile(part)).equals(orig))
    assert.not((await stat(part)).isSymbolicLink())
    assert.equal(
      (await readdir(options.folder)).filter((name) => name.startsWith('download-')),
      [],
    )
  }),
)

aptTest('takes an older version with the same archive where the newer’s is gone', () =>
  onMachine(async ({ mirror, part, options }) => {
    await publish(mirror, [
      { version: '1.0-1', directory: 'pool/old', present: true },
      { version: '1.0-2', directory: 'pool/new', present: false },
    ])
    assert.equal(await fetchFromDebian('hello', wanted, part, options), { version: '1.0-1' })
  }),
)

aptTest('fetches the lists once a day, and again when what they name is gone', () =>
  onMachine(async ({ mirror, part, options }) => {
    await publish(mirror, [{ version: '1.0-1', directory: 'pool/1', present: false }])
    await rejects(fetchFromDebian('hello', wanted, part, options), /^apt-get source hello=1\.0-1: /)
    await publish(mirror, [{ version: '1.0-2', directory: 'pool/2', present: true }])
    await rejects(fetchFromDebian('hello', wanted, part, options), /^apt-get source hello=1\.0-1: /)
    const [home = ''] = await readdir(options.folder)
    const [lists = ''] = await readdir(join(options.folder, home))
    const aged = join(options.folder, home, `lists-${Date.now() - 2 * 3_600_000}`)
    await rename(join(options.folder, home, lists), aged)
    assert.equal(await fetchFromDebian('hello', wanted, part, options), { version: '1.0-2' })
  }),
)

aptTest('uses the lists of yesterday where there are none of today', () =>
  onMachine(async ({ mirror, part, options }) => {
    await publish(mirror, [{ version: '1.0-1', directory: 'pool/1', present: true }])
    await fetchFromDebian('hello', wanted, part, options)
    await rename(join(mirror, 'dists'), join(mirror, 'gone'))
    await aptState(options.folder, { etc: options.etc, maxAge: 0 })
    assert.equal(await fetchFromDebian('hello', wanted, part, options), { version: '1.0-1' })
  }),
)

aptTest('says why: no such package, another archive, no mirror, no entries of Debian’s', () =>
  onMachine(async ({ folder, mirror, part, options }) => {
    await rejects(fetchFromDebian('hello', wanted, part, options), /^apt-get update brought nothing: ./)
    await publish(mirror, [{ version: '1.0-1', directory: 'pool/1', present: true }])
    await rejects(fetchFromDebian('nothing', wanted, part, options), /no such source package/)
    const other = { ...wanted, sha256: sum('other') }
    const error = await rejects(fetchFromDebian('hello', other, part, options), /expected sha256/)
    assert.is((error as PlaceFailure).received, sum(orig))
    const bare = { ...options, etc: join(folder, 'bare') }
    await rejects(fetchFromDebian('hello', wanted, part, bare), (e) => e instanceof PlaceFailure)
  }),
)

aptTest('does not run what the system runs after an update', () =>
  onMachine(async ({ folder, mirror, part, options }) => {
    await publish(mirror, [{ version: '1.0-1', directory: 'pool/1', present: true }])
    const touched = join(folder, 'touched')
    const hook = `{ "touch ${touched}"; };`
    await put(
      join(folder, 'hooks.conf'),
      `APT::Update::Post-Invoke ${hook}\nAPT::Update::Post-Invoke-Success ${hook}\nAPT::Update::Pre-Invoke ${hook}\n`,
    )
    process.env.APT_CONFIG = join(folder, 'hooks.conf')
    try {
      await fetchFromDebian('hello', wanted, part, options)
    } finally {
      delete process.env.APT_CONFIG
    }
    assert.not(existsSync(touched))
  }),
)

test('a machine without apt-get just lacks this place', () =>
  onMachine(async ({ folder, part, options }) => {
    const path = process.env.PATH
    process.env.PATH = folder
    try {
      const error = await rejects(fetchFromDebian('hello', wanted, part, options), /no apt-get/)
      assert.instance(error, PlaceFailure)
    } finally {
      process.env.PATH = path
    }
  }))

const daemontools = {
  file: 'daemontools_0.76.orig.tar.gz',
  sha256: 'a55535012b2be7a52dcd9eccabb9a198b13be50d0384143bd3b32b8710df4c1f',
}

test('a real package from the real mirror', () =>
  inTemporaryFolder(async (cache) => {
    const state = await aptState(join(cache, 'apt')).catch((error: Error) => error)
    if (state instanceof PlaceFailure) return console.log(`  (not tested: ${state.message})`)
    if (state instanceof Error) throw state
    const listed = await state.apt(['apt-cache', 'showsrc', 'daemontools'])
    if (!listed.stdout.includes(daemontools.sha256))
      return console.log('  (not tested: this release of Debian has no daemontools 0.76)')
    const before = (await stat('/var/lib/apt/lists')).mtimeMs
    const url = 'http://127.0.0.1:1/daemontools-0.76.tar.gz'
    const source = {
      url,
      sha256: daemontools.sha256,
      alternatives: [{ debian: 'daemontools', file: daemontools.file }],
    }
    const got = await fetchSource(source, { cache, recipe: 'daemontools 0.76' })
    assert.match(got.from, /^Debian's source package daemontools 1:0\.76-/)
    assert.is(got.size, 36975)
    assert.is((await checkArchive(got.path)).root, 'admin')
    assert.is((await stat('/var/lib/apt/lists')).mtimeMs, before)
  }))

aptTest('asks the other release that it is told, and not this machine’s own', () =>
  onMachine(async ({ mirror, part, options }) => {
    await publish(mirror, [{ version: '2.0-1', directory: 'pool/new', present: true }], 'trixie')
    await rejects(fetchFromDebian('hello', wanted, part, options), (error) => error instanceof PlaceFailure)
    assert.equal(await fetchFromDebian('hello', wanted, part, { ...options, suite: 'trixie' }), {
      version: '2.0-1',
    })
    assert.equal(await readFile(part), orig)
  }),
)

aptTest('takes the right archive from a mirror that lacks the package’s other files, and no wrong one', () =>
  onMachine(async ({ mirror, part, options }) => {
    const half = { version: '1.0-1', directory: 'pool/half', present: true, whole: false }
    await publish(mirror, [half])
    assert.equal(await fetchFromDebian('hello', wanted, part, options), { version: '1.0-1' })
    assert.equal(await readFile(part), orig)
    await writeFile(join(mirror, 'pool/half/hello_1.0.orig.tar.gz'), randomBytes(orig.length))
    await rejects(fetchFromDebian('hello', wanted, part, options), /^apt-get source hello=1\.0-1: /)
  }),
)

test.run()
