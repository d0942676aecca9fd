/**
 * Answers svcs, svcadm, svccfg and svcprop, which reach it from inside the world through files in
 * /system/volatile/smf (client: commands/smf-client.sh).
 *
 *   server       pid of this process, while it answers
 *   requests     FIFO: one line for each call, the client's pid
 *   PID.request  NAME, folder, two variables, argument count, arguments: each ended by a NUL; then standard input
 *   PID.reply    FIFO: "STATUS ERRORS LINES" and a newline, ERRORS lines of standard error, then standard output;
 *                LINES counts its lines, or is - when they are many and the rest of the FIFO is to be copied
 */

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, type Command, Exit, Output, type Smf } from './commands/command.ts'
import { svcadm } from './commands/svcadm.ts'
import { svccfg } from './commands/svccfg.ts'
import { svcprop } from './commands/svcprop.ts'
import { svcs } from './commands/svcs.ts'

const FOLDER = 'system/volatile/smf'
const VARIABLES = ['SVCCFG_NOVALIDATE', 'SVCCFG_DTD']
/** Longer output is copied by a program instead of being read line by line in the client's shell. */
const SHORT_OUTPUT = 600

const commands: Record<string, Command> = { svcs, svcadm, svccfg, svcprop }

export class CommandServer {
  readonly #folder: string
  readonly #smf: Smf
  #socket: Socket | undefined
  readonly #calls = new Set<AbortController>()

  constructor(smf: Smf) {
    this.#smf = smf
    this.#folder = join(smf.world.root, FOLDER)
  }

  start(): void {
    rmSync(this.#folder, { recursive: true, force: true })
    mkdirSync(this.#folder, { recursive: true })
    // Everybody's calls come from here, and nobody may take another's files away.
    chmodSync(this.#folder, 0o1777)
    const fifo = join(this.#folder, 'requests')
    execFileSync('mkfifo', [fifo])
    chmodSync(fifo, 0o666)
    // Open for writing too, so that the FIFO has no end when the last client closes it.
    const descriptor = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK)
    this.#socket = new Socket({ fd: descriptor, readable: true, writable: false })
    createInterface({ input: this.#socket }).on('line', (line) => {
      if (/^\d+$/.test(line)) void this.#answer(Number(line))
    })
    writeFileSync(join(this.#folder, 'server'), `${process.pid}\n`)
  }

  stop(): void {
    rmSync(join(this.#folder, 'server'), { force: true })
    for (const call of this.#calls) call.abort()
    this.#socket?.destroy()
  }

  async #answer(pid: number): Promise<void> {
    const request = join(this.#folder, `${pid}.request`)
    const fifo = join(this.#folder, `${pid}.reply`)
    const abort = new AbortController()
    this.#calls.add(abort)
    let reply: number | undefined
    try {
      const parsed = readRequest(readFileSync(request), pid)
      reply = await openReply(fifo, pid)
      rmSync(request, { force: true })
      rmSync(fifo, { force: true })
      if (reply === undefined) return
      const gone = setInterval(() => existsSync(`/proc/${pid}`) || abort.abort(), 1000)
      const answer = await this.#run(parsed.name, { ...parsed.call, signal: abort.signal })
      clearInterval(gone)
      this.#smf.repository.flush()
      if (!abort.signal.aborted) await writeAll(reply, answer)
    } catch (error) {
      // A client that vanished takes its files along; anything else is a fault of this server, told to the log.
      if (!['ENOENT', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')) console.error(error)
    } finally {
      this.#calls.delete(abort)
      if (reply !== undefined) closeSync(reply)
    }
  }

  async #run(name: string, call: Call): Promise<Buffer> {
    const output = new Output(name)
    const status = await this.#execute(name, call, output)
    const errors = output.stderr.split('\n').length - 1
    const short = output.stdout.length <= SHORT_OUTPUT
    const lines = short ? String(output.stdout.split('\n').length - 1) : '-'
    return Buffer.from(`${status} ${errors} ${lines}\n${output.stderr}${output.stdout}`)
  }

  async #execute(name: string, call: Call, output: Output): Promise<number> {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    try {
      return command ? await command(this.#smf, call, output) : 127
    } catch (error) {
      if (error instanceof Exit) return error.code
      console.error(error)
      output.warn(`Unexpected libscf error: internal error.  Exiting.`)
      return 1
    }
  }
}

function readRequest(bytes: Buffer, pid: number): { name: string; call: Omit<Call, 'signal'> } {
  let at = 0
  const next = () => {
    const end = bytes.indexOf(0, at)
    const field = bytes.toString('utf8', at, end)
    at = end + 1
    return field
  }
  const name = next()
  const cwd = next()
  const environment: Record<string, string> = {}
  for (const variable of VARIABLES) {
    const value = next()
    if (value !== '') environment[variable] = value
  }
  const args = Array.from({ length: Number(next()) }, next)
  return { name, call: { args, cwd, environment, stdin: bytes.subarray(at), uid: callerUid(pid) } }
}

/**
 * The account of a process as it sees itself. Where the world has only one account of this machine, others are
 * user namespaces whose map says who they are.
 */
function callerUid(pid: number): number {
  const outside = Number(/^Uid:\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0)
  const map = readFileSync(`/proc/${pid}/uid_map`, 'latin1')
  const own = readFileSync('/proc/self/uid_map', 'latin1')
  // Whoever runs the server is root in the world.
  if (map === own) return outside === process.getuid?.() ? 0 : outside
  for (const line of map.trim().split('\n')) {
    const [inside = 0, start = 0, count = 0] = line.trim().split(/\s+/).map(Number)
    if (outside >= start && outside < start + count) return inside + outside - start
  }
  return outside
}

/** Waits until the client reads; undefined when it is gone. */
async function openReply(fifo: string, pid: number): Promise<number | undefined> {
  let waited = 0
  for (;;) {
    try {
      return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
      if (!existsSync(`/proc/${pid}`)) return undefined
      await sleep(Math.min(50, ++waited))
    }
  }
}

async function writeAll(descriptor: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      await sleep(2)
    }
  }
}
