/** Two controllers with one store in S3: what one of them had built, the other one installs, and nothing that was tampered with. */
import { copyFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ObjectStore } from '../../runner/s3/objectStore.ts'
import { entryText, type PackageEntry, readEntry } from '../../runner/store/packageEntry.ts'
import { type Credentials, type S3Server, s3Server, withoutS3 } from '../s3/cephServer.ts'
import { startFaultyRelay } from '../s3/faultyRelay.ts'
import { unless } from '../unless.ts'
import { packTiny, type TinyPackage, tinyRecipe } from './tinyPackage.ts'
import { type Outcome, Workshop } from './workshop.ts'

const suiteOf = suite('a store that controllers share')
const test = unless(withoutS3(), suiteOf)
const BUCKET = `shared-${process.pid}`
const SECRETS = /of the team|of nobody|a-secret-of-tests|the secret of/
let server: S3Server
let objects: ObjectStore
const controllers: Workshop[] = []
let packed: TinyPackage

if (withoutS3() === undefined) {
  suiteOf.before(async () => {
    server = await s3Server()
    objects = await server.bucket(BUCKET)
  })
  suiteOf.after(async () => {
    for (const one of controllers) await one.close()
    objects.close()
  })
}

interface Setting {
  key?: string
  store?: object
  access?: Credentials
}

/** A machine of somebody else's: its own cache, its own host. */
function controller({ key = 'of the team', store = {}, access = server }: Setting = {}): Workshop {
  const workshop = new Workshop({
    ...{ AWS_ACCESS_KEY_ID: access.accessKeyId, AWS_SECRET_ACCESS_KEY: access.secretAccessKey },
    STORE_KEY: key,
  })
  // The same bytes for all: packed twice, it would be another source.
  if (controllers.length === 0) packed = packTiny(workshop.archives, '1.0')
  else copyFileSync(packed.path, join(workshop.archives, packed.file))
  workshop.write('recipes/tiny.yaml', tinyRecipe(packed))
  const shared = {
    ...{ url: `s3://${BUCKET}/team`, endpoint: server.endpoint, key: { env: 'STORE_KEY' } },
    ...store,
  }
  const hosts = { box: { address: 'sandbox', recipes: { tiny: '*' } } }
  workshop.write('hosts.yaml', JSON.stringify({ store: shared, hosts }))
  controllers.push(workshop)
  return workshop
}

function compiled(workshop: Workshop): boolean {
  const jobs = join(workshop.root('box'), 'var/tmp/build-stack/jobs')
  return readdirSync(jobs).some((job) =>
    readdirSync(join(jobs, job, 'steps')).some((step) => step.includes('configure')),
  )
}

function good({ code, stdout, stderr }: Outcome): void {
  assert.is(code, 0, stdout + stderr)
  assert.not.match(stdout + stderr, SECRETS)
}

async function keys(prefix: string): Promise<string[]> {
  const found: string[] = []
  for await (const page of objects.list(prefix)) found.push(...page.map(({ key }) => key))
  return found
}

test('one builds and another one installs; what was tampered with is refused, built, and put right', async () => {
  const first = controller()
  good(await first.build('box'))
  assert.ok(compiled(first))
  const [entry = '', archive = '', ...more] = await keys('team/packages/')
  assert.match(entry, /^team\/packages\/tiny-1\.0-[0-9a-f]{16}\.json$/)
  assert.match(archive, /^team\/packages\/tiny-1\.0-[0-9a-f]{16}\/[0-9a-f]{64}\.tar\.gz$/)
  assert.equal(more, [])
  assert.equal(await keys('team/sources/'), [`team/sources/${packed.sha256}/${packed.file}`])

  const second = controller()
  const dry = await second.build('box', '--dry-run')
  assert.match(dry.stdout, /from the store, no build/)
  assert.not.match(dry.stdout + dry.stderr, SECRETS)
  good(await second.build('box'))
  assert.not.ok(compiled(second), 'nothing is built that was built')
  assert.equal(second.prefix('box'), first.prefix('box'))

  await objects.put(archive, Buffer.from('tampered with'), { metadata: {} })
  const third = controller()
  const built = await third.build('box')
  good(built)
  assert.match(
    built.stderr,
    /the package tiny-1\.0-\w+ in s3:\S+ is refused: its archive is not what was put/,
  )
  assert.ok(compiled(third))
  assert.equal(third.prefix('box'), first.prefix('box'))

  const fourth = controller()
  good(await fourth.build('box'))
  assert.not.ok(compiled(fourth), 'the third one has put it right')
})

test('a package that needs more than the host has is built there, and is not fetched', async () => {
  const [entry = '', archive = ''] = await keys('team/packages/')
  const name = basename(entry, '.json')
  const before = (await buffer((await objects.get(entry)).body)).toString()
  const stored = readEntry(name, before, 'of the team')
  if ('reason' in stored) throw new Error(stored.reason)
  const { info } = stored
  const links = { ...info.receipt.links, floor: { libc: ['GLIBC_9.99'], cpu: [] } }
  const demanding = { ...stored, info: { ...info, receipt: { ...info.receipt, links } } }
  const put = (text: string) => objects.put(entry, Buffer.from(text), { metadata: {} })
  await put(entryText(name, demanding as PackageEntry, 'of the team'))
  const relay = await startFaultyRelay(server.port)
  const older = controller({ store: { endpoint: relay.endpoint } })
  const dry = await older.build('box', '--dry-run')
  assert.match(dry.stdout, /built here: the package of it needs glibc 9\.99, and the host has glibc 2/)
  good(await older.build('box'))
  relay.close()
  assert.ok(compiled(older))
  const asked = relay.seen.filter((request) => request.startsWith('GET '))
  assert.ok(asked.some((request) => request.includes(basename(entry))))
  assert.not.ok(
    asked.some((request) => request.includes(basename(archive))),
    asked.join('\n'),
  )
  await put(before)
})

test('with another key nothing is believed', async () => {
  const stranger = controller({ key: 'of nobody' })
  const dry = await stranger.build('box', '--dry-run')
  assert.match(dry.stderr, /is refused: nobody with the key of this store put it/)
  assert.not.match(dry.stdout, /from the store/)
  assert.not.match(dry.stdout + dry.stderr, SECRETS)
})

test('who may only read installs from the store, and says once that nothing goes there', async () => {
  const reader = await server.account('reader')
  await allowReading('reader')
  const one = controller({ access: reader })
  one.write('recipes/tiny.yaml', tinyRecipe(packed, { configure: ['--another'] }))
  const outcome = await one.build('box')
  good(outcome)
  assert.ok(compiled(one))
  assert.is(outcome.stderr.split('gets nothing from this run').length, 2, outcome.stderr)
  assert.match(outcome.stderr, /does not let this access key \(READ…\) use/)

  const other = controller({ access: reader })
  const installed = await other.build('box')
  good(installed)
  assert.not.ok(compiled(other))
})

for (const [title, settings, said] of [
  ['has no such bucket', { url: 's3://nobody-has-it' }, /there is no bucket "nobody-has-it"/],
  ['does not answer', { endpoint: 'http://127.0.0.1:9' }, /connection refused/],
] as const) {
  test(`a store that ${title} is said once, and everything is built`, async () => {
    const alone = controller({ store: settings })
    const outcome = await alone.build('box')
    good(outcome)
    assert.match(outcome.stderr, said)
    assert.is(outcome.stderr.split('is not used').length, 2, outcome.stderr)
    assert.ok(compiled(alone))
  })
}

test('a store is left alone with --offline; without its key nothing begins', async () => {
  const offline = controller({ store: { endpoint: 'http://127.0.0.1:9' } })
  const outcome = await offline.build('box', '--offline')
  good(outcome)
  assert.is(outcome.stderr, '')
  const keyless = controller({ store: { key: { env: 'NOBODY_SETS_IT' } } })
  const refused = await keyless.build('box')
  assert.is.not(refused.code, 0)
  assert.match(refused.stderr, /"key of the store" is not there: NOBODY_SETS_IT is not set/)
})

/** As an administrator would let the hosts of a team read, and build servers write. */
async function allowReading(account: string): Promise<void> {
  const { S3Client, PutBucketPolicyCommand } = await import('@aws-sdk/client-s3')
  const { endpoint, ...credentials } = server
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  const Statement = {
    Effect: 'Allow',
    Principal: { AWS: [`arn:aws:iam:::user/${account}`] },
    Action: ['s3:ListBucket', 's3:GetObject'],
    Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] })
  await client.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }))
  client.destroy()
}

suiteOf.run()
