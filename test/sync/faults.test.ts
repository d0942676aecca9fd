/** A server and a network that fail: what was begun is gone on with, and nothing is taken for what it is not. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type FaultyRelay, startFaultyRelay } from '../s3/faultyRelay.ts'
import { inStudios, type Studio } from './studio.ts'

const test = suite('sync over a bad line')

const own = inStudios(test)
const studio = (title: string, body: (studio: Studio, relay: FaultyRelay) => Promise<void>) =>
  own(title, async (one) => {
    const relay = await startFaultyRelay(one.server.port)
    one.profile({ endpoint: relay.endpoint })
    try {
      await body(one, relay)
    } finally {
      relay.close()
    }
  })

/** Gives a fault for the first requests that fit. */
function first<T>(times: number, fits: RegExp, fault: T): (method: string, url: string) => T | undefined {
  let left = times
  return (method, url) => (fits.test(`${method} ${url}`) && left-- > 0 ? fault : undefined)
}

studio('an overloaded server is asked again, later', async (s, relay) => {
  s.write({ a: '1', b: '2' })
  relay.fault = first(4, /^PUT .*\/[ab]\?/, { status: 503, code: 'SlowDown' })
  const { code, stderr } = await s.sync()
  assert.is(code, 0, stderr)
  assert.equal(await s.keys(), ['a', 'b'])
})

studio(
  'one that stays so ends the run; what was put is known, and the lock is given back',
  async (s, relay) => {
    s.write({ a: '1', b: '2' })
    relay.fault = (method, url) =>
      method === 'PUT' && url.includes('/b?') ? { status: 400, code: 'Odd' } : undefined
    const { code, stderr } = await s.sync()
    assert.is(code, 68)
    assert.match(stderr, /answered 400 Odd for "b"/)
    assert.equal(await s.keys(), ['a'])
    relay.fault = () => undefined
    relay.seen.length = 0
    assert.is((await s.sync()).code, 0)
    assert.not.ok(
      relay.seen.some((seen) => /^HEAD .*\/a$/.test(seen)),
      'the cache has it',
    )
  },
)

studio('a session that has ended is named as one', async (s, relay) => {
  s.write({ a: '1' })
  relay.fault = () => ({ status: 400, code: 'ExpiredToken' })
  const { code, stderr } = await s.sync()
  assert.is(code, 68)
  assert.match(
    stderr,
    /does not take the session token of the access key \(TEST…\) any more\n {2}next: Get new/,
  )
})

studio('connections that are cut, in requests and in answers', async (s, relay) => {
  s.write({ a: 'x'.repeat(300_000), b: '2' })
  relay.fault = first(2, /^PUT .*\/a\?/, { cutRequestAfter: 100_000 })
  assert.is((await s.sync()).code, 0)
  // Put, and the answer lost: asked again, the object is in its own way.
  s.write({ c: '3' })
  relay.fault = first(1, /^PUT .*\/c\?/, { cutAnswerAfter: 0 })
  const lost = await s.sync()
  assert.is(lost.code, 0, lost.stderr)
  assert.match(lost.stdout, /1 put/)
  relay.fault = first(2, /^GET .*list-type=2/, { cutAnswerAfter: 200 })
  const listed = await s.sync('--delete')
  assert.is(listed.code, 0, listed.stderr)
  assert.match(listed.stdout, /^✔ media {2}3 the same/)
})

studio('what was asked once is known: without a cache a HEAD for each, then none', async (s, relay) => {
  s.write({ a: '1', b: '2', 'c/d': '3' })
  await s.sync()
  const heads = async (...words: string[]) => {
    relay.seen.length = 0
    assert.match((await s.sync(...words)).stdout, /^✔ media {2}3 the same/)
    return relay.seen.map((seen) => seen.slice(0, 4).trim()).join()
  }
  assert.is(await heads(), 'GET', 'one listing')
  assert.is(await heads('--no-rebuild-cache'), '')
  rmSync(s.workshop.cache('sync'), { recursive: true })
  assert.is(await heads(), 'GET,HEAD,HEAD,HEAD')
  assert.is(await heads(), 'GET')
  s.profile({ endpoint: relay.endpoint, cache: false })
  assert.is(await heads(), 'GET,HEAD,HEAD,HEAD')
})

studio('a listing without its end removes nothing', async (s, relay) => {
  s.write({ a: '1', b: '2' })
  await s.sync()
  s.remove('b')
  for (const answer of [
    (body: string) => body.replace('<IsTruncated>false<', '<IsTruncated>true<'),
    (body: string) => body.slice(0, body.indexOf('<Key>b') + 6),
  ]) {
    relay.fault = (_method, url) => (url.includes('list-type=2') ? { answer } : undefined)
    const { code, stderr } = await s.sync('--delete')
    assert.is(code, 68, stderr)
    assert.equal(await s.keys(), ['a', 'b'])
  }
})

studio('an upload in parts that was cut off is gone on with', async (s, relay) => {
  const content = randomBytes(70_000_000)
  // A date that each run would say otherwise.
  s.profile({ endpoint: relay.endpoint, headers: [{ match: 'big', expires: '30d' }] })
  s.write({ big: content })
  const part = /^PUT .*\/big\?.*partNumber=(\d+)/
  const started = s.workshop.start(['sync', 'media'], () => {})
  // All at once, but for one that is not let through: then the program dies.
  relay.fault = (method, url) => {
    if (!/partNumber=[35]&/.test(`${url}&`)) return undefined
    if (relay.seen.filter((seen) => part.test(seen)).length >= 4) setTimeout(() => started.kill(), 1000)
    return method === 'PUT' ? { cutRequestAfter: 10 } : undefined
  }
  await started.ended
  relay.fault = () => undefined
  relay.seen.length = 0
  const { code, stderr } = await s.sync()
  assert.is(code, 0, stderr)
  const again = relay.seen.filter((seen) => part.test(seen)).map((seen) => part.exec(seen)?.[1])
  assert.ok(again.includes('3') && again.length < 5, `parts of the second run: ${again}`)
  assert.ok((await s.content('big')).equals(content))
  assert.match((await s.sync()).stdout, /^✔ media {2}1 the same/)
  assert.equal(
    readdirSync(s.workshop.cache('sync')).filter((name) => name.endsWith('.uploads')),
    [],
  )
})

/** Its second part is refused. */
async function begin(s: Studio, relay: FaultyRelay): Promise<void> {
  s.write({ big: randomBytes(40_000_000) })
  relay.fault = (method, url) =>
    method === 'PUT' && url.includes('partNumber=2') ? { status: 400, code: 'Odd' } : undefined
  assert.is((await s.sync()).code, 68)
  relay.fault = () => undefined
  assert.equal(await s.begunUploads(), ['big'])
}

studio('another content is not put behind the parts of the one before', async (s, relay) => {
  await begin(s, relay)
  const content = randomBytes(30_000_000)
  s.write({ big: content })
  assert.is((await s.sync()).code, 0)
  assert.ok((await s.content('big')).equals(content))
  assert.equal(await s.begunUploads(), [], 'the server keeps no parts of the one before')
})

studio('what was begun for a file that is not wanted any more is taken back', async (s, relay) => {
  s.write({ a: '1' })
  assert.is((await s.sync()).code, 0)
  await begin(s, relay)
  s.remove('big')
  assert.match((await s.sync()).stdout, /^✔ media {2}1 the same/)
  assert.equal(await s.begunUploads(), [])
})

studio('a download that breaks off is gone on with, by this run and by the next', async (s, relay) => {
  const content = randomBytes(9_000_000)
  s.write({ big: content })
  await s.sync()
  const to = join(s.workshop.folder, 'to')
  const get = /^GET .*\/big/
  relay.fault = first(2, get, { cutAnswerAfter: 3_000_000 })
  const { code, stderr } = await s.restore('--to', to)
  assert.is(code, 0, stderr)
  assert.ok(readFileSync(join(to, 'big')).equals(content))
  assert.is(relay.seen.filter((seen) => get.test(seen)).length, 3)
})

studio('a clock that is a day late', async (s) => {
  s.write({ a: '1' })
  const preload = join(s.workshop.folder, 'late.mjs')
  writeFileSync(
    preload,
    `const now = Date.now
const Real = Date
globalThis.Date = class extends Real {
  constructor(...words) { if (words.length) super(...words); else super(Real.now() - 86400e3) }
  static now() { return now.call(Real) - 86400e3 }
}`,
  )
  s.workshop.env.NODE_OPTIONS = `--import ${preload}`
  const { code, stderr } = await s.sync()
  assert.is(code, 0, stderr)
  assert.equal(await s.keys(), ['a'])
})

studio('a certificate of nobody known, and with "ca" of somebody known', async (s) => {
  const at = (name: string) => join(s.workshop.folder, name)
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', at('key'), '-out', at('cert')]
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files],
    { stdio: 'ignore' },
  )
  const secure = await startFaultyRelay(s.server.port, {
    key: readFileSync(at('key')),
    cert: readFileSync(at('cert')),
  })
  s.write({ a: '1' })
  s.profile({ endpoint: secure.endpoint })
  const refused = await s.sync()
  assert.is(refused.code, 68)
  assert.match(
    refused.stderr,
    /the certificate of https:\/\/127\.0\.0\.1:\d+ is signed by nobody known\n {2}next: Set "ca"/,
  )
  s.profile({ endpoint: secure.endpoint, ca: at('cert') })
  const { code, stderr } = await s.sync()
  secure.close()
  assert.is(code, 0, stderr)
})

studio('a server without conditional writes', async (s, relay) => {
  relay.fault = (method, _url, headers) =>
    method === 'PUT' && (headers['if-none-match'] || headers['if-match'])
      ? { status: 501, code: 'NotImplemented' }
      : undefined
  s.write({ a: '1' })
  const { code, stderr } = await s.sync()
  assert.is(code, 0, stderr)
  assert.match(stderr, /this server has no conditional writes/)
  await s.store.put('b', Buffer.from('theirs'), { metadata: {} })
  s.write({ a: '2', b: 'mine' })
  const both = await s.sync()
  assert.is(both.code, 1)
  assert.is((await s.content('b')).toString(), 'theirs')
  assert.is((await s.content('a')).toString(), '2')
})

test.run()
