/** A TCP relay on loopback in front of a port, whose connections a test can cut. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Relay {
  port: number
  /** Ends every connection, and lets none through for so many seconds. */
  cut(seconds: number): void
  close(): void
}

export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  let closedUntil = 0
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }
  const server = createServer((incoming) => {
    keep(incoming)
    if (Date.now() < closedUntil) {
      incoming.resetAndDestroy()
      return
    }
    const outgoing = connect(target, '127.0.0.1')
    keep(outgoing)
    outgoing.on('close', () => incoming.destroy())
    incoming.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing).pipe(incoming)
  })
  const end = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut(seconds) {
      closedUntil = Date.now() + seconds * 1000
      end()
    },
    close() {
      server.close()
      end()
    },
  }
}
