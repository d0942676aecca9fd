/** A host's connection during a run: it can break, and is opened again for a while. */
import { Readable } from 'node:stream'
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import type { Transport } from '../transports/transport.ts'

/** Some two minutes in all: a restarted sshd, a changed network. The job goes on meanwhile. */
const RECONNECT_SECONDS = [1, 2, 4, 8, 15, 30, 60]
/** For a person who waits for an answer, and nothing goes on meanwhile. */
export const ANSWER_SECONDS: readonly number[] = [1, 2, 4]
/** A line that breaks at each of them is no line. */
const READING_TRIES = 3

export class HostLine {
  readonly #host: Host
  readonly #connect: (host: Host) => Promise<Transport>
  readonly #signal: AbortSignal
  readonly #waits: readonly number[]
  #transport: Transport
  /** While it is opened again: several jobs of a host follow their logs on one line, and lose it together. */
  #opening: Promise<void> | undefined

  /** waits: seconds before each attempt to open it again. */
  constructor(
    host: Host,
    transport: Transport,
    connect: (host: Host) => Promise<Transport>,
    signal: AbortSignal,
    waits: readonly number[] = RECONNECT_SECONDS,
  ) {
    this.#host = host
    this.#transport = transport
    this.#connect = connect
    this.#signal = signal
    this.#waits = waits
  }

  transport(): Transport {
    return this.#transport
  }

  /**
   * Opens it again after `broken` broke, unless somebody else did so meanwhile.
   * @throws DISCONNECTED with the last attempt's reason; what the signal was given when the run was stopped meanwhile.
   */
  async reconnect(broken: Transport): Promise<void> {
    if (broken !== this.#transport) return
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    await this.#opening
  }

  async #open(): Promise<void> {
    await this.#transport.close()
    let last: BuildStackError | undefined
    for (const wait of this.#waits) {
      await this.#pause(wait)
      this.#signal.throwIfAborted()
      try {
        this.#transport = await this.#connect(this.#host)
        return
      } catch (error) {
        if (!(error instanceof BuildStackError)) throw error
        last = error
      }
    }
    this.#signal.throwIfAborted()
    const message = 'the connection was lost, and could not be opened again'
    throw new BuildStackError('DISCONNECTED', last ? `${message}: ${last.message}` : message, {
      host: this.#host.name,
      next: 'run again to follow what runs there: it goes on without the connection',
      cause: last,
    })
  }

  /** What `ask` gives; asked again, so many times in all, over a new connection where the line broke meanwhile. */
  async answer<T>(
    ask: (transport: Transport) => Promise<T>,
    tries: number = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    for (let count = 1; ; count++) {
      const transport = this.#transport
      try {
        return await ask(transport)
      } catch (error) {
        this.#signal.throwIfAborted()
        if (!(error instanceof BuildStackError) || error.code !== 'DISCONNECTED' || count === tries)
          throw error
        await this.reconnect(transport)
      }
    }
  }

  /**
   * For commands that only read, or may run twice: given again over a new connection where the line broke. Not those whose
   * output or input is a stream, of which a part is gone by then.
   */
  reading(): Transport {
    return {
      exec: (command, options = {}) => {
        const isWhole = !options.onStdout && !options.onStderr && !(options.stdin instanceof Readable)
        return this.answer((transport) => transport.exec(command, options), isWhole ? READING_TRIES : 1)
      },
      close: () => this.close(),
    }
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  #pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#signal.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        this.#signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, seconds * 1000)
      this.#signal.addEventListener('abort', done)
    })
  }
}
