/** Packages and sources in a bucket of the real server, as two controllers use it at the same time. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageName } from '../../runner/packages/package.ts'
import { fetchSource } from '../../runner/sources/fetch.ts'
import { SharedBucket } from '../../runner/store/sharedBucket.ts'
import { SharedPackages } from '../../runner/store/sharedPackages.ts'
import { BucketSources } from '../../runner/store/sharedSources.ts'
import { rejects } from '../rejects.ts'
import { s3Server, withoutS3 } from '../s3/cephServer.ts'
import { unless } from '../unless.ts'
import { build, info } from './sampleInfo.ts'

const suiteOf = suite('the bucket of a store')
const test = unless(withoutS3(), suiteOf)
const BUCKET = `store-${process.pid}`
const name = packageName(build)
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

interface Controller {
  folder: string
  notes: string[]
  bucket: SharedBucket
  packages: SharedPackages
  sources: BucketSources
}

async function withControllers(
  count: number,
  prefix: string,
  body: (...controllers: Controller[]) => Promise<void>,
): Promise<void> {
  const server = await s3Server()
  ;(await server.bucket(BUCKET)).close()
  const { endpoint, accessKeyId, secretAccessKey } = server
  const all = Array.from({ length: count }, (): Controller => {
    const folder = mkdtempSync(join(tmpdir(), 'build-stack-store-'))
    const notes: string[] = []
    const bucket = new SharedBucket({
      settings: { bucket: BUCKET, endpoint, accessKeyId, secretAccessKey },
      ...{ prefix, uploads: join(folder, 'uploads'), signal: new AbortController().signal },
      onNote: (text) => notes.push(text),
    })
    const packages = new SharedPackages(join(folder, 'packages'), bucket, undefined)
    return { folder, notes, bucket, packages, sources: new BucketSources(bucket) }
  })
  try {
    await body(...all)
  } finally {
    for (const { folder, bucket } of all) {
      await bucket.close()
      rmSync(folder, { recursive: true })
    }
  }
}

async function keep({ packages }: Controller, archive: Buffer): Promise<void> {
  const incoming = await packages.incoming(name)
  writeFileSync(incoming, archive)
  assert.ok(await packages.put(name, incoming, sha256(archive), info))
}

test('two that put the same package at once, with other bytes: a third one has that of one of them', () =>
  withControllers(3, 'race/', async (one, other, third) => {
    const archives = [randomBytes(300_000), randomBytes(400_000)]
    await Promise.all([keep(one, archives[0] as Buffer), keep(other, archives[1] as Buffer)])
    await Promise.all([one.bucket.close(), other.bucket.close()])
    assert.is((await third.packages.find(name))?.at, 'store')
    const [first, second] = await Promise.all([third.packages.get(name), third.packages.get(name)])
    assert.is(first?.path, second?.path)
    assert.ok(archives.some((archive) => archive.equals(readFileSync(first?.path as string))))
    assert.is((await third.packages.find(name))?.at, 'controller')
    assert.equal(third.notes, [])
  }))

test('a package that is here and not in the store is put there when it is used', () =>
  withControllers(2, 'later/', async (one, other) => {
    const archive = randomBytes(1000)
    await keep(one, archive)
    await one.bucket.close()
    const server = await s3Server()
    const objects = await server.bucket(BUCKET)
    await objects.remove([`later/packages/${name}.json`])
    objects.close()
    const again = new SharedPackages(join(one.folder, 'packages'), other.bucket, undefined)
    assert.ok(await again.get(name))
    await other.bucket.close()
    await withControllers(1, 'later/', async (third) =>
      assert.is((await third.packages.find(name))?.at, 'store'),
    )
  }))

test('sources: put by who has them, in parts when they are large, taken by others, refused when they are not what the recipe says', () =>
  withControllers(2, 'src/', async (one, other) => {
    const bytes = randomBytes(20_000_000)
    const path = join(one.folder, 'tool-1.0.tar.gz')
    writeFileSync(path, bytes)
    const wanted = { sha256: sha256(bytes), alternatives: [] }
    const from = (controller: Controller, url: string, more: object = {}) =>
      fetchSource(
        { ...wanted, url },
        { cache: join(controller.folder, 'cache'), shared: controller.sources, recipe: 'tool 1.0', ...more },
      )
    const gone = 'http://127.0.0.1:9/tool-1.0.tar.gz'
    await from(one, `file://${path}`)
    await one.bucket.close()
    await rejects(from(other, gone, { offline: true }), /tool-1\.0/)
    const fetched = await from(other, gone)
    assert.is(fetched.from, `the store s3://${BUCKET}/src/`)
    assert.ok(readFileSync(fetched.path).equals(bytes))

    const key = `src/sources/${wanted.sha256}/tool-1.0.tar.gz`
    const objects = await (await s3Server()).bucket(BUCKET)
    await objects.put(key, Buffer.from('tampered with'), { metadata: {} })
    await withControllers(2, 'src/', async (third, fourth) => {
      assert.is((await from(third, `file://${path}`)).from, path)
      assert.match(
        third.notes.join(),
        /tool-1\.0\.tar\.gz in s3:\S+ is refused: its sha256 is [0-9a-f]{64}, not /,
      )
      await third.bucket.close()
      assert.is((await from(fourth, gone)).from, fetched.from)
    })
    objects.close()
  }))

suiteOf.run()
