/** A real web server on the loopback, for one test. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface WebServer {
  url(path: string): URL
  /** The requests so far, in order. */
  requests: IncomingMessage[]
}

export async function withWebServer(
  answer: RequestListener,
  use: (server: WebServer) => Promise<void>,
): Promise<void> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  try {
    await use({ requests, url: (path) => new URL(path, `http://127.0.0.1:${port}`) })
  } finally {
    const closed = new Promise((done) => server.close(done))
    server.closeAllConnections()
    await closed
  }
}

/** Serves content like any file server: whole, or from the byte that Range asks for. */
export function fileServer(content: Buffer, etag = '"1"'): RequestListener {
  return (request, response) => {
    const start = rangeStart(request)
    const condition = request.headers['if-range']
    const head = { etag, 'accept-ranges': 'bytes' }
    if (start === undefined || (condition !== undefined && condition !== etag)) {
      response.writeHead(200, { ...head, 'content-length': content.length }).end(content)
    } else if (start >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
    } else {
      const range = `bytes ${start}-${content.length - 1}/${content.length}`
      const rest = content.subarray(start)
      response.writeHead(206, { ...head, 'content-range': range, 'content-length': rest.length }).end(rest)
    }
  }
}

export function rangeStart(request: IncomingMessage): number | undefined {
  const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
  return match ? Number(match[1]) : undefined
}
