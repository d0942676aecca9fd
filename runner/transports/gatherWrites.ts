/** Writes of one turn of the event loop, as one. */
import type { Duplex } from 'node:stream'

/**
 * The ssh2 library writes each packet in three pieces (length, content, tag), and with TCP_NODELAY each would be a
 * system call here, a segment on the wire and a wake-up of sshd, which can do nothing with four bytes.
 */
export function gatherWrites(socket: Duplex): void {
  const write = socket.write
  let gathering = false
  const release = () => {
    gathering = false
    socket.uncork()
  }
  socket.write = function gather(this: Duplex, ...args: Parameters<Duplex['write']>) {
    if (!gathering) {
      gathering = true
      socket.cork()
      process.nextTick(release)
    }
    return write.apply(this, args)
  } as Duplex['write']
}
