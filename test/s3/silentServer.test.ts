/** A server that takes requests and falls silent: nobody waits for it without end. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { openStore } from '../../runner/s3/client.ts'
import type { ObjectStore } from '../../runner/s3/objectStore.ts'
import { bytesOf } from '../../runner/sync/objectBytes.ts'
import { rejects } from '../rejects.ts'

const test = suite('a silent server')

async function withServer(listener: RequestListener, body: (store: ObjectStore) => Promise<void>) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const access = { accessKeyId: 'KEY', secretAccessKey: 'secret' }
  const endpoint = `http://127.0.0.1:${port}`
  const store = openStore({ bucket: 'b', endpoint, ...access, attempts: 2, silentSeconds: 0.2 })
  try {
    await body(store)
  } finally {
    store.close()
    server.closeAllConnections()
    server.close()
  }
}

test('a request is given up, said and asked again: reading, writing, a part', async () => {
  let requests = 0
  await withServer(
    () => {
      requests += 1
    },
    async (store) => {
      const silent = (error: Error) =>
        error instanceof BuildStackError &&
        error.code === 'STORE' &&
        /^http:\S+ does not answer$/.test(error.message)
      await rejects(store.head('x'), silent)
      assert.is(requests, 2)
      await rejects(store.put('x', Buffer.from('1'), { metadata: {} }), silent)
      await rejects(store.putPart('x', 'upload', 1, Buffer.from('1'), Buffer.alloc(16)), silent)
    },
  )
})

test('an answer that stops is asked for again from where it stopped, as often as it goes on', async () => {
  const content = Buffer.from('0123456789')
  const ranges: (string | undefined)[] = []
  await withServer(
    ({ headers: { range } }, answer) => {
      ranges.push(range)
      const from = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
      answer.writeHead(range ? 206 : 200, { etag: '"e"', 'content-length': content.length - from })
      answer.write(content.subarray(from, from + 1))
      if (from === content.length - 1) answer.end()
    },
    async (store) => {
      const head = {
        ...{ key: 'x', etag: 'e', size: content.length, modified: new Date(0) },
        ...{ headers: {}, metadata: {} },
      }
      const wanted = {
        ...{ key: 'x', etag: 'e', version: undefined, folder: false },
        ...{ host: undefined, base: '/', path: 'x' },
      }
      const pieces: Buffer[] = []
      const { signal } = new AbortController()
      for await (const piece of bytesOf(store, { wanted, head }, 0, signal)) pieces.push(piece)
      assert.is(Buffer.concat(pieces).toString(), content.toString())
      assert.is(ranges.length, content.length)
      assert.is(ranges.at(-1), 'bytes=9-')
    },
  )
})

test.run()
