import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type DownloadOptions, download } from '../../runner/sources/download.ts'
import { PlaceFailure } from '../../runner/sources/source.ts'
import { rejects } from '../rejects.ts'
import { inTemporaryFolder } from './temporary.ts'
import { fileServer, rangeStart, type WebServer, withWebServer } from './webServer.ts'

const test = suite('sources/download')
const content = randomBytes(1_000_000)
const quick: DownloadOptions = { retryMilliseconds: 1, stallMilliseconds: 200 }

/** An answer that looks at what has come to the part file. */
interface PartAnswer {
  forPart: (part: string) => RequestListener
}

/** Runs use against a server that answers like answer, with a part file that begins as given. */
function downloading(
  answer: RequestListener | PartAnswer,
  begun: Buffer,
  use: (part: string, server: WebServer) => Promise<void>,
): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const part = join(folder, 'part')
    await writeFile(part, begun)
    const listener = 'forPart' in answer ? answer.forPart(part) : answer
    await withWebServer(listener, (server) => use(part, server))
  })
}
const nothing = Buffer.alloc(0)
/** The first answers cut off when so many bytes have come, each with the whole length announced; then normal ones. */
function cuttingOff(bytes: number, times: number, then: RequestListener = fileServer(content)): PartAnswer {
  let left = times
  const forPart =
    (part: string): RequestListener =>
    (request, response) => {
      if (left === 0) return then(request, response)
      left -= 1
      const start = rangeStart(request) ?? 0
      const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }
      const head = { etag: '"1"', 'content-length': content.length - start, ...(start > 0 ? range : {}) }
      response.writeHead(start > 0 ? 206 : 200, head)
      response.write(content.subarray(start, start + bytes))
      const timer = setInterval(() => {
        if (statSync(part).size >= start + bytes) response.destroy()
      }, 5)
      response.on('close', () => clearInterval(timer))
    }
  return { forPart }
}

test('brings the whole file and tells how far it is', () =>
  downloading(fileServer(content), nothing, async (part, { url }) => {
    const told: [number, number | undefined][] = []
    const result = await download(url('/x.tar'), part, { onProgress: (...progress) => told.push(progress) })
    assert.equal(result, { resumed: false })
    assert.ok((await readFile(part)).equals(content))
    assert.equal(told.at(-1), [content.length, content.length])
  }))

test('goes on after a cut-off where it was cut', () =>
  downloading(cuttingOff(300_000, 1), nothing, async (part, { url, requests }) => {
    await download(url('/x.tar'), part, quick)
    assert.ok((await readFile(part)).equals(content))
    assert.equal(
      requests.map((request) => request.headers.range),
      [undefined, 'bytes=300000-'],
    )
    assert.is(requests[1]?.headers['if-range'], '"1"')
  }))

test('tries on while each try brings something, and gives up after three that bring little', async () => {
  await downloading(cuttingOff(290_000, 3), nothing, async (part, { url }) => {
    await download(url('/x.tar'), part, quick)
    assert.ok((await readFile(part)).equals(content))
  })
  await downloading(cuttingOff(1000, 99), nothing, async (part, { url, requests }) => {
    const error = await rejects(download(url('/x.tar'), part, quick), /tried 3 times/)
    assert.instance(error, PlaceFailure)
    assert.is(requests.length, 3)
  })
})

test('starts again when the file changed on the server between two tries', () => {
  const newer = randomBytes(500_000)
  return downloading(cuttingOff(300_000, 1, fileServer(newer, '"2"')), nothing, async (part, { url }) => {
    await download(url('/x.tar'), part, quick)
    assert.ok((await readFile(part)).equals(newer))
  })
})

test('starts again when the server ignores Range', () => {
  const whole: RequestListener = (_request, response) => response.end(content)
  return downloading(cuttingOff(300_000, 1, whole), nothing, async (part, { url }) => {
    await download(url('/x.tar'), part, quick)
    assert.ok((await readFile(part)).equals(content))
  })
})

test('resumes what an earlier process left, and says so', () =>
  downloading(fileServer(content), content.subarray(0, 400_000), async (part, { url, requests }) => {
    assert.equal(await download(url('/x.tar'), part), { resumed: true })
    assert.ok((await readFile(part)).equals(content))
    assert.is(requests[0]?.headers.range, 'bytes=400000-')
  }))

test('a part that is complete already, or too long, is told by the server’s 416', async () => {
  await downloading(fileServer(content), content, async (part, { url, requests }) => {
    await download(url('/x.tar'), part)
    assert.is(requests.length, 1)
    assert.ok((await readFile(part)).equals(content))
  })
  await downloading(fileServer(content), Buffer.concat([content, content]), async (part, { url }) => {
    await download(url('/x.tar'), part)
    assert.ok((await readFile(part)).equals(content))
  })
})

test('notices by the recipe’s size that a body without a length was cut off', () => {
  let first = true
  const closing: RequestListener = (request, response) => {
    if (!first) return fileServer(content)(request, response)
    first = false
    response.shouldKeepAlive = false
    response.useChunkedEncodingByDefault = false
    response.removeHeader('transfer-encoding')
    response.writeHead(200, { connection: 'close' }).end(content.subarray(0, 100))
  }
  return downloading(closing, nothing, async (part, { url, requests }) => {
    await download(url('/x.tar'), part, { ...quick, size: content.length })
    assert.is(requests.length, 2)
    assert.ok((await readFile(part)).equals(content))
  })
})

test('a body longer than the recipe says is not taken to its end', () =>
  downloading(fileServer(content), nothing, async (part, { url }) => {
    await rejects(download(url('/x.tar'), part, { size: 1000 }), /more than the 1000 bytes/)
  }))

test('a body that the server calls gzip-encoded stays as it is', () => {
  const packed = gzipSync(content)
  const encoding: RequestListener = (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'x-gzip' }).end(packed)
  return downloading(encoding, nothing, async (part, { url, requests }) => {
    await download(url('/x.tar.gz'), part)
    assert.ok((await readFile(part)).equals(packed))
    assert.is(requests[0]?.headers['accept-encoding'], 'identity')
  })
})

test('follows redirects, to another server too', () =>
  withWebServer(fileServer(content), (mirror) =>
    downloading(
      (_request, response) => response.writeHead(302, { location: mirror.url('/y').href }).end(),
      nothing,
      async (part, { url }) => {
        await download(url('/x.tar'), part)
        assert.ok((await readFile(part)).equals(content))
      },
    ),
  ))

test('a redirect in a circle ends', () =>
  downloading(
    (_request, response) => response.writeHead(302, { location: '/x.tar' }).end(),
    nothing,
    async (part, { url, requests }) => {
      await rejects(download(url('/x.tar'), part, quick), /redirected more than 10 times/)
      assert.ok(requests.length < 20)
    },
  ))

test('an answer that stays away or stops is given up after the stall time', async () => {
  await downloading(
    () => undefined,
    nothing,
    async (part, { url }) => {
      await rejects(download(url('/x.tar'), part, quick), /stalled \(tried 3 times\)/)
    },
  )
  const stopping: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('abc')
  }
  await downloading(stopping, nothing, async (part, { url }) => {
    await rejects(download(url('/x.tar'), part, quick), /stalled \(tried 3 times\)/)
  })
})

test('asks once for what is not there, three times for what may come', async () => {
  for (const [status, asked] of [
    [404, 1],
    [403, 1],
    [503, 3],
    [429, 3],
  ] as const) {
    const refusing: RequestListener = (_request, response) => response.writeHead(status).end('sorry')
    await downloading(refusing, nothing, async (part, { url, requests }) => {
      await rejects(download(url('/x.tar'), part, quick), new RegExp(`^HTTP ${status} `))
      assert.is(requests.length, asked)
    })
  }
})

test('gives up at once where nobody listens, and does not ask there again', () =>
  inTemporaryFolder(async (folder) => {
    let url = new URL('http://127.0.0.1')
    await withWebServer(fileServer(content), async (server) => {
      url = server.url('/x.tar')
    })
    const slow = { retryMilliseconds: 60_000 }
    await rejects(download(url, join(folder, 'part'), slow), /127\.0\.0\.1:\d+ refused the connection$/)
    let connections = 0
    const late = createServer(() => {
      connections += 1
    })
    await new Promise<void>((ready) => late.listen(Number(url.port), '127.0.0.1', ready))
    await rejects(download(url, join(folder, 'part'), slow), /refused the connection$/)
    await new Promise((done) => late.close(done))
    assert.is(connections, 0)
  }))

test('says which protocols it knows', () =>
  rejects(download(new URL('ftp://127.0.0.1/x.tar'), '/nowhere/part'), /ftp: is not supported/).then(
    () => undefined,
  ))

test('stops when told to, leaving what came', () =>
  downloading(cuttingOff(500, 99), nothing, async (part, { url }) => {
    const stop = new AbortController()
    const onProgress = () => stop.abort(new Error('enough'))
    await rejects(download(url('/x.tar'), part, { ...quick, signal: stop.signal, onProgress }), /enough/)
  }))

test('a part that cannot be written fails as the file system says, not as the server’s fault', () =>
  withWebServer(fileServer(content), async ({ url }) => {
    await rejects(
      download(url('/x.tar'), '/nowhere/at/all/part', quick),
      (error) => (error as NodeJS.ErrnoException).code === 'ENOENT' && !(error instanceof PlaceFailure),
    )
  }))

test.run()
