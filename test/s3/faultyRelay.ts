/** An HTTP relay on loopback in front of an S3 server, which a test tells what goes wrong. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export type Fault =
  /** Answered without asking the server. */
  | { status: number; code: string }
  /** The connection ends when so many bytes of the request have come. */
  | { cutRequestAfter: number }
  /** The server gets the request; its answer ends after so many bytes. */
  | { cutAnswerAfter: number }
  /** The server's answer, changed. */
  | { answer: (body: string) => string }

export interface FaultyRelay {
  endpoint: string
  /** Methods with their paths and queries, in order. */
  seen: string[]
  /** Asked for every request. */
  fault: (method: string, url: string, headers: IncomingMessage['headers']) => Fault | undefined
  close(): void
}

/** With `tls` it speaks HTTPS. */
export async function startFaultyRelay(
  target: number,
  tls?: { key: Buffer; cert: Buffer },
): Promise<FaultyRelay> {
  const relay: Pick<FaultyRelay, 'seen' | 'fault'> = { seen: [], fault: () => undefined }
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = '', url = '', headers } = incoming
    relay.seen.push(`${method} ${url}`)
    const fault = relay.fault(method, url, headers)
    if (fault && 'status' in fault) {
      incoming.resume()
      incoming.on('end', () => {
        outgoing.writeHead(fault.status, { 'content-type': 'application/xml' })
        outgoing.end(method === 'HEAD' ? undefined : `<Error><Code>${fault.code}</Code></Error>`)
      })
      return
    }
    const further = request({ port: target, host: '127.0.0.1', method, path: url, headers })
    further.on('error', () => incoming.socket.destroy())
    further.on('response', (answer) => pass(answer, outgoing, fault))
    if (fault && 'cutRequestAfter' in fault) {
      let count = 0
      incoming.on('data', (piece: Buffer) => {
        count += piece.length
        if (count < fault.cutRequestAfter) return
        further.destroy()
        incoming.socket.destroy()
      })
    }
    incoming.pipe(further)
  }
  const server = tls ? createSecureServer(tls, handle) : createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(relay, {
    endpoint: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  })
}

function pass(answer: IncomingMessage, outgoing: ServerResponse, fault: Fault | undefined): void {
  const { statusCode = 500, headers } = answer
  if (fault && 'answer' in fault) {
    const pieces: Buffer[] = []
    answer.on('data', (piece: Buffer) => pieces.push(piece))
    answer.on('end', () => {
      const body = fault.answer(Buffer.concat(pieces).toString('utf8'))
      const { 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = headers
      outgoing.writeHead(statusCode, { ...rest, 'content-length': Buffer.byteLength(body) })
      outgoing.end(body)
    })
    return
  }
  if (fault && 'cutAnswerAfter' in fault) {
    let left = fault.cutAnswerAfter
    if (left > 0) outgoing.writeHead(statusCode, headers)
    answer.on('data', (piece: Buffer) => {
      if (left > 0) outgoing.write(piece.subarray(0, left))
      left -= piece.length
      if (left <= 0) setImmediate(() => outgoing.socket?.destroy())
    })
    answer.on('end', () => outgoing.socket?.destroy())
    return
  }
  outgoing.writeHead(statusCode, headers)
  answer.pipe(outgoing)
}
