/** The short way of a put: one request that says what the library's would, and the library's own where it does not do. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openStore } from '../../runner/s3/client.ts'
import type { ObjectStore } from '../../runner/s3/objectStore.ts'
import { inStudios, type Studio } from '../sync/studio.ts'
import { type FaultyRelay, startFaultyRelay } from './faultyRelay.ts'

const tests = suite('puts')
const own = inStudios(tests)
const test = (title: string, body: (store: ObjectStore, relay: FaultyRelay) => Promise<void>) =>
  own(title, async ({ server, bucket }: Studio) => {
    const relay = await startFaultyRelay(server.port)
    const { accessKeyId, secretAccessKey } = server
    const store = openStore({ bucket, endpoint: relay.endpoint, accessKeyId, secretAccessKey })
    try {
      await body(store, relay)
    } finally {
      store.close()
      relay.close()
    }
  })
const puts = (relay: FaultyRelay) => relay.seen.filter((one) => one.startsWith('PUT '))

for (const key of ['plain', "a b/+%20 ~!'()*", 'ü/☃//x', '.', 'a/../b', '?x=1&y#z']) {
  test(`one request, and everything as it was said: ${key}`, async (store, relay) => {
    const headers = {
      contentType: 'text/x-a; charset=utf-8',
      contentEncoding: 'gzip',
      cacheControl: 'no-cache,  max-age=1',
      expires: new Date('2031-01-31T10:00:00Z'),
    }
    const metadata = { by: 'me/media', type: 'file' }
    const body = Buffer.from('content')
    const etag = await store.put(key, body, { headers, metadata, acl: 'public-read' })
    assert.is(puts(relay).length, 1)
    const head = await store.head(key)
    assert.is(head?.etag, etag)
    assert.is(head?.size, body.length)
    assert.equal(head?.metadata, metadata)
    const { cacheControl, ...rest } = head?.headers ?? {}
    assert.match(cacheControl ?? '', /^no-cache, +max-age=1$/)
    assert.equal(rest, {
      contentType: headers.contentType,
      contentEncoding: headers.contentEncoding,
      expires: headers.expires,
    })
  })
}

test('what fails is asked again by the library, and after three failures in a row it alone is asked', async (store, relay) => {
  relay.fault = (method) => (method === 'PUT' ? { status: 400, code: 'Odd' } : undefined)
  const counts: number[] = []
  for (let i = 0; i < 4; i++) {
    relay.seen.length = 0
    const error = await store.put('x', Buffer.from('1'), { metadata: {} }).catch((thrown: Error) => thrown)
    assert.match((error as Error).message, /answered 400 Odd for "x"/)
    counts.push(puts(relay).length)
  }
  assert.equal(counts, [2, 2, 2, 1])
  relay.fault = () => undefined
  assert.ok(await store.put('x', Buffer.from('1'), { metadata: {} }))
})

tests.run()
