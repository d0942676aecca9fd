/** A second machine that compiles for others: Debian's distccd on a loopback port, and what it says that it did. */
import { spawn } from 'node:child_process'
import { findProgram } from '../host/shells.ts'
import { freePort } from './tcp.ts'

export interface Distccd {
  port: number
  /** Names of the source files that it compiled, as their compilers were told them. */
  compiled(): string[]
  stop(): Promise<void>
}

export const noDistcc = ['distcc', 'distccd'].every(findProgram)
  ? undefined
  : 'no distcc and distccd (apt-get install distcc)'

export async function startDistccd(cpus: number): Promise<Distccd> {
  const port = await freePort()
  const words = ['--no-detach', '--daemon', '--log-stderr', '--log-level', 'info', '--jobs', `${cpus}`]
  const place = ['--listen', '127.0.0.1', '--allow', '127.0.0.1', '--port', `${port}`]
  const child = spawn(findProgram('distccd') as string, [...words, ...place], {
    // Root's runs as an account that may not be able to write to the tests' own.
    env: { ...process.env, TMPDIR: '/tmp' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (piece: Buffer) => {
      log += piece
      if (log.includes('daemon started')) resolve()
    })
    void ended.then(() => reject(new Error(`distccd ended: ${log}`)))
    child.once('error', reject)
  })
  return {
    port,
    compiled: () => [...log.matchAll(/ COMPILE_OK .* (\S+)$/gm)].map(([, file]) => file as string),
    stop() {
      child.kill()
      return ended
    },
  }
}
