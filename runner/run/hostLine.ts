/** A host's connection during a run: it can break, and is opened again for a while. */
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import type { Transport } from '../transports/transport.ts'

/** Some two minutes in all: a restarted sshd, a changed network. The job goes on meanwhile. */
const RECONNECT_SECONDS = [1, 2, 4, 8, 15, 30, 60]

export class HostLine {
  readonly #host: Host
  readonly #connect: (host: Host) => Promise<Transport>
  readonly #signal: AbortSignal
  #transport: Transport

  constructor(
    host: Host,
    transport: Transport,
    connect: (host: Host) => Promise<Transport>,
    signal: AbortSignal,
  ) {
    this.#host = host
    this.#transport = transport
    this.#connect = connect
    this.#signal = signal
  }

  transport(): Transport {
    return this.#transport
  }

  /** @throws the last attempt's BuildStackError; INTERRUPTED when the run was stopped meanwhile. */
  async reconnect(): Promise<void> {
    let last: unknown
    for (const wait of RECONNECT_SECONDS) {
      await this.#pause(wait)
      if (this.#signal.aborted) break
      try {
        await this.#transport.close()
        this.#transport = await this.#connect(this.#host)
        return
      } catch (error) {
        last = error
      }
    }
    throw (
      last ??
      new BuildStackError('INTERRUPTED', 'stopped while the connection was down', { host: this.#host.name })
    )
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  #pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
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
