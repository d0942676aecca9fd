/** Commands on an open SSH connection, from request to exit status. */
import { Readable } from 'node:stream'
import { BuildStackError } from '../errors.ts'
import { printable } from './printable.ts'
import type { ClientChannel, SshClient } from './ssh2.ts'
import type { ExecOptions, ExecResult, Pty } from './transport.ts'

/** An open connection and what is known about its end. */
export interface Line {
  client: SshClient
  /** Name in hosts.yaml. */
  host: string
  /** Why the connection broke; undefined while it is open, and when the host just closed it. */
  failure: Error | undefined
  closed: boolean
}

/** Runs commands side by side on one connection. */
export class Commands {
  readonly #line: Line
  /** Commands that are running, being started, or waiting to be. */
  #count = 0
  readonly #waiting = new Set<() => void>()

  constructor(line: Line) {
    this.#line = line
  }

  /** As Transport.exec. */
  async run(command: string, options: ExecOptions): Promise<ExecResult> {
    this.#count++
    const input = streamOf(options)
    // It may break before the channel is open; followCommand then finds it so.
    input?.on('error', () => {})
    try {
      return await followCommand(this.#line, await this.#open(command, options), options)
    } finally {
      input?.destroy()
      this.#count--
      // The one that has waited longest takes the place.
      const [next] = this.#waiting
      if (next) this.#wake(next)
    }
  }

  /** A host has a limit of channels (MaxSessions); beyond it a command waits for another one's end. */
  async #open(command: string, { signal, pty }: ExecOptions): Promise<ClientChannel> {
    for (let refusedAlone = 0; ; ) {
      if (signal?.aborted) throw interrupted(this.#line, signal)
      try {
        return await openChannel(this.#line, command, pty)
      } catch (cause) {
        if (cause instanceof BuildStackError) throw cause
        if (this.#line.closed) throw disconnectedError(this.#line)
        if (this.#count - this.#waiting.size > 1) await this.#turn(signal)
        // The other one may have ended while the refusal was on its way: one more try tells.
        else if (++refusedAlone > 1) throw refusedError(this.#line, cause as Error)
      }
    }
  }

  /** Resolves when another command ended, or the signal came. */
  async #turn(signal: AbortSignal | undefined): Promise<void> {
    let go = () => {}
    const turn = new Promise<void>((resolve) => {
      go = resolve
    })
    const stop = () => this.#wake(go)
    this.#waiting.add(go)
    signal?.addEventListener('abort', stop)
    await turn
    signal?.removeEventListener('abort', stop)
  }

  #wake(go: () => void): void {
    this.#waiting.delete(go)
    go()
  }
}

/** Rejects with DISCONNECTED when the line is down, with the library's error when the host opens no channel. */
function openChannel(line: Line, command: string, pty: Pty | undefined): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    if (line.closed) return reject(disconnectedError(line))
    try {
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        if (error) return reject(error)
        if (pty) followSize(channel, pty)
        resolve(channel)
      }
      if (pty) line.client.exec(command, { pty: terminalOf(pty) }, opened)
      else line.client.exec(command, opened)
    } catch (cause) {
      // Thrown only when the socket can no longer be written to.
      line.closed = true
      line.failure ??= cause as Error
      reject(disconnectedError(line))
    }
  })
}

function terminalOf({ term, size }: Pty) {
  const { columns, rows } = size()
  return { term, cols: columns, rows, width: 0, height: 0 }
}

function followSize(channel: ClientChannel, { size, onResize }: Pty): void {
  const stop = onResize(() => {
    const { columns, rows } = size()
    channel.setWindow(rows, columns, 0, 0)
  })
  channel.once('close', stop)
}

function refusedError(line: Line, cause: Error): BuildStackError {
  const message = `${line.host} runs no commands: ${printable(cause.message)}`
  const next = "Check ForceCommand, MaxSessions and the account's login shell on the host"
  return new BuildStackError('CONNECT', message, { host: line.host, next, cause })
}

/** Follows a command to its end, and closes its channel however that comes. */
function followCommand(line: Line, channel: ClientChannel, options: ExecOptions): Promise<ExecResult> {
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  const input = streamOf(options)
  return new Promise<ExecResult>((resolve, reject) => {
    let exit: { code: number | null; signal: string | null } | undefined
    const release = () => options.signal?.removeEventListener('abort', abort)
    const giveUp = (error: unknown) => {
      release()
      reject(error)
      closeChannel(channel)
    }
    const abort = () => giveUp(interrupted(line, options.signal))

    let open = 2
    const closed = () => {
      if (--open > 0) return
      release()
      if (exit === undefined) reject(disconnectedError(line))
      else resolve({ ...exit, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() })
    }
    // The channel closes after its standard output, when standard error may have something left. Its end has the exit status
    // as well as the event for it, which is over by now when both came in the packet that opened the channel.
    channel.once('close', (code?: number | null, signal?: string) => {
      if (code !== undefined) exit = { code, signal: signal ?? null }
      closed()
    })
    channel.stderr.once('close', closed)
    // Both streams have to be read to their ends, or the channel never closes.
    channel.on('data', options.onStdout ?? ((piece: Buffer) => stdout.push(piece)))
    channel.stderr.on('data', options.onStderr ?? ((piece: Buffer) => stderr.push(piece)))
    channel.on('error', () => {})

    options.signal?.addEventListener('abort', abort, { once: true })
    if (options.signal?.aborted) return abort()
    if (input === undefined) {
      channel.end(options.stdin)
      return
    }
    const inputEnded = () => {
      if (!input.readableEnded) giveUp(input.errored ?? new Error('the input was closed before its end'))
    }
    if (input.destroyed) return inputEnded()
    input.once('close', inputEnded)
    input.pipe(channel)
  })
}

function streamOf({ stdin }: ExecOptions): Readable | undefined {
  return stdin instanceof Readable ? stdin : undefined
}

/** The library throws over a connection whose protocol is broken already; the channel then ends with it. */
function closeChannel(channel: ClientChannel): void {
  try {
    channel.close()
  } catch {}
}

function interrupted(line: Line, signal: AbortSignal | undefined): BuildStackError {
  if (signal?.reason instanceof BuildStackError) return signal.reason
  return new BuildStackError('INTERRUPTED', `stopped while waiting for ${line.host}`, { host: line.host })
}

function disconnectedError(line: Line): BuildStackError {
  const why = line.failure ? ` (${line.failure.message})` : ''
  const message = line.closed
    ? `the connection to ${line.host} was lost${why}`
    : `${line.host} ended a command's channel without an exit status`
  return new BuildStackError('DISCONNECTED', message, {
    host: line.host,
    next: 'Run the same command again: what runs on the host goes on, and is picked up',
    ...(line.failure ? { cause: line.failure } : {}),
  })
}
