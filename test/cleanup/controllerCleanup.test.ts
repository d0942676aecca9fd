import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cleanController } from '../../runner/cleanup/controllerCleanup.ts'

const test = suite<{ cache: string }>('cleanup/controllerCleanup')
const now = new Date('2026-11-24T12:00:00Z')
const unlimited = { packages: 1e9, sources: 1e9, logs: 1e9 }

test.before.each((context) => {
  context.cache = mkdtempSync(join(tmpdir(), 'build-stack-cleanup-'))
})
test.after.each(({ cache }) => rmSync(cache, { recursive: true, force: true }))

function put(cache: string, path: string, bytes: number, daysAgo: number): void {
  const file = join(cache, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, 'x'.repeat(bytes))
  const used = new Date(now.getTime() - daysAgo * 86_400_000)
  utimesSync(file, used, used)
}

function putPackage(cache: string, name: string, bytes: number, daysAgo: number): void {
  put(cache, `packages/${name}.json`, 0, 0)
  put(cache, `packages/${name}.sha256`, 0, 0)
  put(cache, `packages/${name}.tar.gz`, bytes, daysAgo)
}

test('nothing goes below the limits, nor from a cache that is not there', async ({ cache }) => {
  assert.equal(await cleanController(join(cache, 'none'), unlimited, { dryRun: false, now }), [])
  putPackage(cache, 'a-1', 10, 9)
  put(cache, 'sources/sha256/00/a.tar.gz', 10, 9)
  assert.equal(await cleanController(cache, unlimited, { dryRun: false, now }), [])
  assert.ok(existsSync(join(cache, 'packages/a-1.tar.gz')))
})

test('the package, source and log used longest ago go first, all files of a package at once', async ({
  cache,
}) => {
  putPackage(cache, 'old-1', 60, 9)
  putPackage(cache, 'new-1', 60, 1)
  put(cache, 'sources/sha256/00/old.tar.gz', 60, 9)
  put(cache, 'sources/sha256/11/new.tar.gz', 60, 1)
  put(cache, 'logs/server1/old.log', 60, 9)
  put(cache, 'logs/server1/new.log', 60, 1)
  const limits = { packages: 100, sources: 100, logs: 100 }
  const would = await cleanController(cache, limits, { dryRun: true, now })
  assert.equal(
    would.map(({ kind, name, bytes }) => `${kind} ${name} ${bytes}`),
    ['package old-1 60', 'source sources/sha256/00/old.tar.gz 60', 'log logs/server1/old.log 60'],
  )
  assert.ok(existsSync(join(cache, 'packages/old-1.json')))
  assert.equal(await cleanController(cache, limits, { dryRun: false, now }), would)
  assert.equal(readdirSync(join(cache, 'packages')).sort(), ['new-1.json', 'new-1.sha256', 'new-1.tar.gz'])
  assert.equal(readdirSync(join(cache, 'logs/server1')), ['new.log'])
  assert.equal(await cleanController(cache, limits, { dryRun: false, now }), [])
})

test('what was interrupted goes after a day, and what may still be on its way stays', async ({ cache }) => {
  put(cache, 'packages/a-1.77.next', 5, 2)
  put(cache, 'packages/b-1.78.next', 5, 0)
  put(cache, 'sources/sha256/00/.a.tar.gz.part-box-1-1', 5, 2)
  const gone = await cleanController(cache, unlimited, { dryRun: false, now })
  assert.equal(gone.map(({ kind, name }) => `${kind} ${name}`).sort(), [
    'leftover packages/a-1.77.next',
    'leftover sources/sha256/00/.a.tar.gz.part-box-1-1',
  ])
  assert.equal(readdirSync(join(cache, 'packages')), ['b-1.78.next'])
})

test.run()
