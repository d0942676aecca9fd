/** TCP on this machine's loopback, as the tests of services need it. */
import { type AddressInfo, connect, createServer } from 'node:net'

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** The preferred port when nobody has it, else another. */
export function usablePort(preferred: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(freePort()))
    server.listen(preferred, '127.0.0.1', () => server.close(() => resolve(preferred)))
  })
}

/** What is answered to a line until `until` matches; undefined when nobody listens or nothing came within two seconds. */
export function ask(port: number, line: string, until = /\n/): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\r\n`))
    const done = (result: string | undefined) => {
      socket.destroy()
      resolve(result)
    }
    socket.setTimeout(2000, () => done(undefined))
    socket.on('error', () => done(undefined))
    socket.on('close', () => done(answer || undefined))
    socket.on('data', (piece) => {
      answer += piece
      if (until.test(answer)) done(answer.trimEnd())
    })
  })
}

/** Asks until the answer fits or the seconds are over; the last answer. */
export async function askUntil(
  fits: (answer: string | undefined) => boolean,
  seconds: number,
  question: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await question()
    if (fits(answer) || Date.now() > end) return answer
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
