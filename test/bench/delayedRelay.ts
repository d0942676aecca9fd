/** A TCP relay on loopback that is as far away as a delay says: each piece comes out so many milliseconds after it came in. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface DelayedRelay {
  port: number
  close(): void
}

/** `delay`: milliseconds in each direction. Opening a connection through it takes no time. */
export async function startDelayedRelay(target: number, delay: number): Promise<DelayedRelay> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (incoming) => {
    const outgoing = connect({ port: target, host: '127.0.0.1', noDelay: true })
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => socket.destroy())
    }
    pass(incoming, outgoing, delay)
    pass(outgoing, incoming, delay)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Timers of one delay fire in the order in which they were set. */
function pass(from: Socket, to: Socket, delay: number): void {
  from.on('data', (piece) => setTimeout(() => to.writable && to.write(piece), delay))
  from.on('end', () => setTimeout(() => to.end(), delay))
  from.on('close', () => setTimeout(() => to.destroy(), delay))
}
