/**
 * Ctrl-C in a run. Without a terminal it detaches: what runs on hosts goes on. On a terminal it asks first whether to
 * detach or to cancel; a second Ctrl-C, at the question or later, cancels.
 */
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import { cancelJob } from '../run/cancelJob.ts'
import type { RunEvent } from '../run/events.ts'
import type { Transport } from '../transports/transport.ts'
import { type Aside, choose, isTerminal } from './terminal.ts'

export interface StoppingOptions {
  hosts: readonly Host[]
  /** user@machine */
  by: string
  aside: Aside
  connect: (host: Host) => Promise<Transport>
}

const QUESTION =
  'Stop here. What runs on the hosts can go on by itself (detach, Ctrl-C again cancels), or be ended and undone.\n' +
  '(d)etach, (c)ancel, anything else goes on: '

export class Stopping {
  readonly #stop = new AbortController()
  readonly #held = new AbortController()
  readonly #options: StoppingOptions
  /** Those that run, by host and recipe. */
  readonly #jobs = new Map<string, Map<string, string>>()
  /** The run has ended: nothing is left to be asked. */
  readonly #over = new AbortController()
  /** While it asks: for a Ctrl-C that comes before the terminal gives it to the question. */
  #again: AbortController | undefined
  readonly #onSignal = () => void this.#signalled()

  constructor(options: StoppingOptions) {
    this.#options = options
    process.on('SIGINT', this.#onSignal)
    process.once('SIGTERM', this.#detach)
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** Aborted when jobs are being cancelled: none is to begin meanwhile. */
  get held(): AbortSignal {
    return this.#held.signal
  }

  /** Each event of the run: only so is it known what would be cancelled. */
  event(event: RunEvent): void {
    if (event.type === 'job') {
      const jobs = this.#jobs.get(event.host) ?? new Map<string, string>()
      this.#jobs.set(event.host, jobs.set(event.recipe, event.job))
    }
    if (event.type === 'recipe-end' || event.type === 'recipe-locked')
      this.#jobs.get(event.host)?.delete(event.recipe)
  }

  end(): void {
    this.#over.abort()
    process.removeListener('SIGINT', this.#onSignal)
    process.removeListener('SIGTERM', this.#detach)
  }

  readonly #detach = () => {
    // One more signal ends the program as any other.
    this.end()
    this.#stop.abort(
      new BuildStackError('INTERRUPTED', 'stopped; a job that has started goes on on its host', {
        next: 'run again to follow it',
      }),
    )
  }

  async #signalled(): Promise<void> {
    if (!isTerminal()) return this.#detach()
    if (this.#again) return this.#again.abort()
    const again = new AbortController()
    this.#again = again
    const signal = AbortSignal.any([this.#over.signal, again.signal])
    try {
      const answer = await this.#options.aside(() => choose(QUESTION, signal))
      if (again.signal.aborted || answer === 'interrupted' || /^c/i.test(answer)) await this.#cancel()
      else if (/^d/i.test(answer)) this.#detach()
    } finally {
      this.#again = undefined
    }
  }

  /** The jobs first: whoever follows one is told by its end that it was cancelled. */
  async #cancel(): Promise<void> {
    this.#held.abort()
    const running = this.#options.hosts.filter(({ name }) => (this.#jobs.get(name)?.size ?? 0) > 0)
    const ends = await Promise.allSettled(running.map((host) => this.#cancelOn(host)))
    const failed = ends.find((end) => end.status === 'rejected')
    this.#stop.abort(
      failed?.reason instanceof BuildStackError
        ? failed.reason
        : new BuildStackError('INTERRUPTED', 'cancelled; nothing of it runs any more', {
            next: 'run again to go on with the builds, or with --anew to start them over',
          }),
    )
  }

  async #cancelOn(host: Host): Promise<void> {
    const transport = await this.#options.connect(host)
    try {
      const { probeHost } = await import('../probe/probeHost.ts')
      const { shell } = await probeHost(host, transport)
      const place = { host: host.name, shell, work: host.work, by: this.#options.by }
      const jobs = [...(this.#jobs.get(host.name)?.values() ?? [])]
      await Promise.all(jobs.map((job) => cancelJob(transport, job, place)))
    } finally {
      await transport.close()
    }
  }
}
