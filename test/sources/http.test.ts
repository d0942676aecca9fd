import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { get } from '../../runner/sources/http.ts'
import { rejects } from '../rejects.ts'
import { withWebServer } from './webServer.ts'

const test = suite('sources/http')
const plain = { headers: {}, stallMilliseconds: 1000 }
const hello: RequestListener = (request, response) => response.end(`hello from ${request.headers.host}`)

async function withEnvironment(values: Record<string, string>, use: () => Promise<void>): Promise<void> {
  const before = { ...process.env }
  Object.assign(process.env, values)
  try {
    await use()
  } finally {
    for (const name of Object.keys(values)) delete process.env[name]
    Object.assign(process.env, before)
  }
}

test('asks the proxy of the environment for http: URLs, with its password', () =>
  withWebServer(hello, async (proxy) => {
    const address = proxy.url('/')
    address.username = 'me'
    address.password = 'a:b'
    await withEnvironment({ http_proxy: address.href, no_proxy: '' }, async () => {
      const { body } = await get(new URL('http://upstream.invalid/x.tar'), plain)
      assert.is(await text(body), 'hello from upstream.invalid')
    })
    const [request] = proxy.requests
    assert.is(request?.url, 'http://upstream.invalid/x.tar')
    const credentials = Buffer.from(request?.headers['proxy-authorization']?.slice(6) ?? '', 'base64')
    assert.is(String(credentials), 'me:a:b')
  }))

test('asks the proxy for a tunnel for https: URLs', async () => {
  const asked: (string | undefined)[] = []
  const proxy = createServer()
  proxy.on('connect', (request, socket) => {
    asked.push(request.url)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  await new Promise<void>((ready) => proxy.listen(0, '127.0.0.1', ready))
  const { port } = proxy.address() as AddressInfo
  try {
    await withEnvironment({ https_proxy: `http://127.0.0.1:${port}`, no_proxy: '' }, async () => {
      const answer = await get(new URL('https://upstream.invalid/x.tar'), plain)
      assert.is(answer.status, 403)
      answer.body.destroy()
    })
    assert.equal(asked, ['upstream.invalid:443'])
  } finally {
    await new Promise((closed) => proxy.close(closed))
  }
})

test('goes straight to what NO_PROXY names', () =>
  withWebServer(hello, ({ url }) =>
    withEnvironment({ http_proxy: 'http://127.0.0.1:1', no_proxy: '127.0.0.1' }, async () => {
      assert.match(await text((await get(url('/'), plain)).body), 'hello')
    }),
  ))

test('does not follow a redirect to a file', () =>
  withWebServer(
    (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    async ({ url }) => {
      await rejects(get(url('/'), plain), /redirected to file:/)
    },
  ))

test('keeps no connection that would keep the process alive', () =>
  withWebServer(hello, async ({ url, requests }) => {
    await text((await get(url('/'), plain)).body)
    assert.is(requests[0]?.headers.connection, 'close')
  }))

test('a port that speaks another protocol is an error, not a hang', async () => {
  const odd = createTcpServer((socket) => socket.resume().end('SSH-2.0-OpenSSH\r\n'))
  await new Promise<void>((ready) => odd.listen(0, '127.0.0.1', ready))
  const { port } = odd.address() as AddressInfo
  try {
    await rejects(get(new URL(`http://127.0.0.1:${port}/`), plain), /Parse Error/)
  } finally {
    await new Promise((closed) => odd.close(closed))
  }
})

test.run()
