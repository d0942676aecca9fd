import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError, type ErrorCode } from '../../runner/errors.ts'
import { type FetchOptions, fetchSource, type Source } from '../../runner/sources/fetch.ts'
import { rejects } from '../rejects.ts'
import { inTemporaryFolder } from './temporary.ts'
import { fileServer, withWebServer } from './webServer.ts'

const test = suite('sources/fetch')
const archive = randomBytes(200_000)
const sha256 = sum(archive)
const other = randomBytes(1000)

function sum(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

interface Scene {
  folder: string
  options: FetchOptions
  /** Path of the cache's entry. */
  entry(file: string, hex?: string): string
}

function inScene(use: (scene: Scene) => Promise<void>): Promise<void> {
  return inTemporaryFolder((folder) => {
    const cache = join(folder, 'cache')
    const entry = (file: string, hex = sha256) => join(cache, 'sha256', hex, file)
    return use({ folder, options: { cache, recipe: 'hello 1.0' }, entry })
  })
}

/** An upstream that nobody listens at. */
const gone: Source = { url: 'http://127.0.0.1:1/hello-1.0.tar.gz', sha256, alternatives: [] }

async function fails(promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<BuildStackError> {
  const error = await rejects(promise, (e) => e instanceof BuildStackError && e.code === code)
  assert.match(error.message, message)
  return error as BuildStackError
}

async function put(path: string, content: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

test('fetches once, then uses the cache', () =>
  inScene(({ options, entry }) =>
    withWebServer(fileServer(archive), async ({ url, requests }) => {
      const source = { ...gone, url: url('/pub/hello-1.0.tar.gz?mirror=1').href, size: archive.length }
      const first = await fetchSource(source, options)
      const path = entry('hello-1.0.tar.gz')
      assert.equal(first, {
        path,
        file: 'hello-1.0.tar.gz',
        sha256,
        size: archive.length,
        from: source.url,
        failed: [],
      })
      assert.ok((await readFile(path)).equals(archive))
      assert.equal(await fetchSource(source, options), { ...first, from: 'the cache' })
      assert.is(requests.length, 1)
      assert.equal(await readdir(dirname(path)), ['hello-1.0.tar.gz'])
    }),
  ))

test('a damaged entry of the cache is not used but fetched again', () =>
  inScene(({ options, entry }) =>
    withWebServer(fileServer(archive), async ({ url }) => {
      const path = entry('hello-1.0.tar.gz')
      await put(path, archive.subarray(0, 100))
      const got = await fetchSource({ ...gone, url: url('/hello-1.0.tar.gz').href }, options)
      assert.is.not(got.from, 'the cache')
      assert.ok((await readFile(path)).equals(archive))
    }),
  ))

test('a wrong archive is named with place, expected and got, and leaves nothing behind', () =>
  inScene(({ options, entry }) =>
    withWebServer(fileServer(other), async ({ url }) => {
      const source = { ...gone, url: url('/hello-1.0.tar.gz').href }
      const error = await fails(fetchSource(source, options), 'SOURCE', /^hello-1\.0\.tar\.gz is not what/)
      for (const part of [source.url, sha256, sum(other)]) assert.ok(error.message.includes(part), part)
      assert.match(error.context.next ?? '', 'build-stack checksum hello 1.0 hello-1.0.tar.gz')
      assert.is(error.context.recipe, 'hello 1.0')
      assert.equal(await readdir(dirname(entry('x'))), [])
    }),
  ))

test('without a recorded checksum nothing is fetched, and the command that records one is named', () =>
  inScene(({ options }) =>
    withWebServer(fileServer(archive), async ({ url, requests }) => {
      const source = { ...gone, url: url('/hello-1.0.tar.gz').href, sha256: undefined }
      const error = await fails(fetchSource(source, options), 'SOURCE', /no checksum is recorded/)
      assert.match(error.context.next ?? '', 'build-stack checksum hello 1.0 hello-1.0.tar.gz')
      assert.is(requests.length, 0)
    }),
  ))

test('an alternative with a checksum of its own helps where upstream has none', () =>
  inScene(({ folder, options, entry }) =>
    withWebServer(fileServer(archive), async ({ url, requests }) => {
      await put(join(folder, 'mirror/other.tar'), other)
      const alternatives = [{ directory: join(folder, 'mirror'), file: 'other.tar', sha256: sum(other) }]
      const got = await fetchSource(
        { url: url('/hello-1.0.tar.gz').href, sha256: undefined, alternatives },
        options,
      )
      assert.is(got.path, entry('other.tar', sum(other)))
      assert.is(requests.length, 0)
      assert.match(got.failed[0]?.reason ?? '', 'no checksum')
    }),
  ))

test('goes on to the alternatives in order, and tells why the places before did not do', () =>
  inScene(({ folder, options }) =>
    withWebServer(fileServer(archive), async ({ url }) => {
      const empty = join(folder, 'empty')
      const alternatives = [
        { directory: empty, file: 'hello.tar.gz' },
        { url: url('/mirror/hello-1.0.tar.gz').href },
        { url: url('/never/asked.tar.gz').href },
      ]
      const got = await fetchSource({ ...gone, alternatives }, options)
      assert.is(got.from, alternatives[1]?.url)
      assert.equal(
        got.failed.map(({ place }) => place),
        [gone.url, join(empty, 'hello.tar.gz')],
      )
      assert.match(got.failed[0]?.reason ?? '', 'refused the connection')
    }),
  ))

test('when no place has it, each is listed with its reason, and where to put it by hand', () =>
  inScene(async ({ options, entry }) => {
    const alternatives = [{ directory: '/nowhere', file: 'hello.tar.gz' }]
    const error = await fails(fetchSource({ ...gone, alternatives }, options), 'SOURCE', /from anywhere/)
    assert.match(error.message, /127\.0\.0\.1:1 refused the connection/)
    assert.match(error.message, '/nowhere/hello.tar.gz: no such file')
    const path = entry('hello-1.0.tar.gz')
    assert.ok(error.context.next?.includes(path))
    await put(path, archive)
    assert.is((await fetchSource(gone, options)).path, path)
  }))

test('the user’s folder comes first and is never changed', () =>
  inScene(({ folder, options, entry }) =>
    withWebServer(fileServer(archive), async ({ url, requests }) => {
      const sourceFolder = join(folder, 'mine')
      const source = { ...gone, url: url('/hello-1.0.tar.gz').href }
      await put(join(sourceFolder, 'hello-1.0.tar.gz'), archive)
      const got = await fetchSource(source, { ...options, sourceFolder })
      assert.is(got.from, join(sourceFolder, 'hello-1.0.tar.gz'))
      assert.is(got.path, entry('hello-1.0.tar.gz'))
      assert.is(requests.length, 0)
      await put(join(sourceFolder, 'hello-1.0.tar.gz'), other)
      const again = await fetchSource(source, { ...options, sourceFolder })
      assert.is(again.from, 'the cache')
      assert.is(again.failed[0]?.received, sum(other))
      assert.ok((await readFile(join(sourceFolder, 'hello-1.0.tar.gz'))).equals(other))
    }),
  ))

test('offline asks nobody, but takes what this machine has', () =>
  inScene(({ folder, options }) =>
    withWebServer(fileServer(archive), async ({ url, requests }) => {
      const offline = { ...options, offline: true }
      const source = {
        ...gone,
        url: url('/hello-1.0.tar.gz').href,
        alternatives: [{ debian: 'hello', file: 'h.tar' }],
      }
      const error = await fails(fetchSource(source, offline), 'SOURCE', /not tried \(offline\)/)
      assert.match(error.context.next ?? '', '--offline')
      await put(join(folder, 'a b/hello-1.0.tar.gz'), archive)
      const here = { ...gone, url: pathToFileURL(join(folder, 'a b/hello-1.0.tar.gz')).href }
      assert.is((await fetchSource(here, offline)).sha256, sha256)
      assert.is(requests.length, 0)
    }),
  ))

test('goes on with what a killed run left, and leaves a living run’s part alone', () =>
  inScene(({ options, entry }) =>
    withWebServer(fileServer(archive), async ({ url, requests }) => {
      const folder = dirname(entry('x'))
      const host = hostname()
        .replace(/[^A-Za-z0-9]/g, '_')
        .slice(0, 40)
      const { spawn } = await import('node:child_process')
      const dead = spawn('true')
      await once(dead, 'exit')
      const living = `.hello-1.0.tar.gz.part-${host}-${process.ppid}-1`
      await put(join(folder, `.hello-1.0.tar.gz.part-${host}-${dead.pid}-1`), archive.subarray(0, 1234))
      await put(join(folder, living), archive.subarray(0, 2000))
      await fetchSource({ ...gone, url: url('/hello-1.0.tar.gz').href }, options)
      assert.is(requests[0]?.headers.range, 'bytes=1234-')
      assert.equal((await readdir(folder)).sort(), [living, 'hello-1.0.tar.gz'].sort())
    }),
  ))

test('what a killed run left of another archive costs a second download, not the run', () =>
  inScene(({ options, entry }) =>
    withWebServer(fileServer(archive), async ({ url, requests }) => {
      await put(join(dirname(entry('x')), '.hello-1.0.tar.gz.part-left-free'), other)
      await fetchSource({ ...gone, url: url('/hello-1.0.tar.gz').href }, options)
      assert.equal(
        requests.map((request) => request.headers.range),
        ['bytes=1000-', undefined],
      )
    }),
  ))

test('many fetches of the same source at once do not disturb each other', () =>
  inScene(({ options, entry }) =>
    withWebServer(fileServer(archive), async ({ url }) => {
      const source = { ...gone, url: url('/hello-1.0.tar.gz').href }
      const all = await Promise.all(Array.from({ length: 8 }, () => fetchSource(source, options)))
      assert.ok(all.every((got) => got.sha256 === sha256))
      assert.equal(await readdir(dirname(entry('x'))), ['hello-1.0.tar.gz'])
    }),
  ))

test('tells how far it is, and stops when told to', () =>
  inScene(({ options, entry }) =>
    withWebServer(
      (_request, response) => {
        response.writeHead(200, { 'content-length': archive.length }).write(archive.subarray(0, 5000))
      },
      async ({ url }) => {
        const stop = new AbortController()
        const told: unknown[][] = []
        const onProgress = (...progress: unknown[]) => {
          told.push(progress)
          stop.abort()
        }
        const source = { ...gone, url: url('/hello-1.0.tar.gz').href }
        await fails(
          fetchSource(source, { ...options, signal: stop.signal, onProgress }),
          'INTERRUPTED',
          /hello/,
        )
        assert.equal(told[0], [5000, archive.length, source.url])
        const left = await readdir(dirname(entry('x')))
        assert.ok(left.every((name) => name.endsWith('-free')))
      },
    ),
  ))

test('names that are no plain file names are refused before anything happens', async () => {
  for (const url of ['http://127.0.0.1:1/..%2f..%2fetc', 'http://127.0.0.1:1/', 'http://127.0.0.1:1/%2Drf'])
    await fails(
      fetchSource({ ...gone, url }, { cache: '/nowhere', recipe: 'hello 1.0' }),
      'CONFIG',
      /file name/,
    )
  const alternatives = [{ directory: '/', file: '../etc/passwd' }]
  await fails(
    fetchSource({ ...gone, alternatives }, { cache: '/nowhere', recipe: 'hello 1.0' }),
    'CONFIG',
    /passwd/,
  )
  const package_ = [{ debian: '--config-file=x', file: 'a.tar' }]
  await fails(
    fetchSource({ ...gone, alternatives: package_ }, { cache: '/nowhere', recipe: 'hello 1.0' }),
    'CONFIG',
    /package name/,
  )
})

test('a cache that cannot be written is said to be that', () =>
  inScene(async ({ folder, options }) => {
    await put(join(folder, 'file'), other)
    const cache = join(folder, 'file', 'cache')
    const error = await fails(fetchSource(gone, { ...options, cache }), 'SOURCE', /cache of sources/)
    assert.match(error.context.next ?? '', 'BUILD_STACK_CACHE')
  }))

test.run()
