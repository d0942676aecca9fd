/** The plan of a host; where another job runs there, the one of when it has ended, for a run that would rather wait. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Host } from '../config/hosts.ts'
import type { Facts } from '../probe/facts.ts'
import { probeHost } from '../probe/probeHost.ts'
import type { Transport } from '../transports/transport.ts'
import { runningJobs } from './actionJob.ts'
import type { Emit } from './events.ts'
import type { HostLine } from './hostLine.ts'
import type { Prepared } from './prepareHost.ts'

const LOOK_MILLISECONDS = 5000

/** How long a run still waits for a host: the time it has for that is one, however often it finds the host locked. */
export class Patience {
  #left: number

  /** 0 minutes not to wait: the run then fails where it finds the lock. */
  constructor(minutes: number) {
    this.#left = minutes * 60_000
  }

  get isOver(): boolean {
    return this.#left <= 0
  }

  /** Until it is time for another look at the host. @throws what the signal was given. */
  async pause(signal: AbortSignal): Promise<void> {
    const time = Math.min(LOOK_MILLISECONDS, this.#left)
    this.#left -= time
    await sleep(time, undefined, { signal }).catch(() => {})
    signal.throwIfAborted()
  }
}

export interface WaitContext {
  prepare: (host: Host, facts: Facts, transport: Transport) => Promise<Prepared>
  patience: Patience
  emit: Emit
  signal: AbortSignal
}

/**
 * What the host lacks is found out anew after the wait: the other job may have done some of it.
 * refused: somebody else took the host after the last plan. He may have it still, though no job of his shows.
 */
export async function preparedHost(
  host: Host,
  line: HostLine,
  { prepare, patience, emit, signal }: WaitContext,
  refused = false,
): Promise<Prepared> {
  let told: string | undefined
  for (let isFirst = true; ; isFirst = false) {
    const facts = await probeHost(host, line.reading())
    const prepared = await prepare(host, facts, line.reading())
    const other = otherJob(prepared, refused && isFirst)
    if (other === undefined || patience.isOver) return prepared
    if (other !== told) emit({ type: 'host-waiting', host: host.name, job: other, lock: facts.lock ?? '' })
    told = other
    await patience.pause(signal)
  }
}

/** A job that runs there and is none of this plan's, which the run would join. isTaken: there is one, whether it shows or not. */
function otherJob(prepared: Prepared, isTaken: boolean): string | undefined {
  if (runningJobs(prepared).length > 0) return undefined
  const { jobs, lock } = prepared.context.facts
  const running = jobs.find((job) => job.state === 'running')?.id
  return running ?? (isTaken ? (/\bjob (\S+)/.exec(lock ?? '')?.[1] ?? 'another job') : undefined)
}
