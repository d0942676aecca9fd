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

export interface WaitContext {
  prepare: (host: Host, facts: Facts, transport: Transport) => Promise<Prepared>
  /** 0 not to wait: the run then fails where it finds the lock. */
  waitMinutes: number
  emit: Emit
  signal: AbortSignal
}

const LOOK_SECONDS = 5

/** What the host lacks is found out anew after the wait: the other job may have done some of it. */
export async function preparedHost(
  host: Host,
  line: HostLine,
  { prepare, waitMinutes, emit, signal }: WaitContext,
): Promise<{ facts: Facts; prepared: Prepared }> {
  const until = performance.now() + waitMinutes * 60_000
  let told: string | undefined
  for (;;) {
    const facts = await probeHost(host, line.reading())
    const prepared = await prepare(host, facts, line.reading())
    const other = otherJob(prepared)
    if (!other || performance.now() >= until) return { facts, prepared }
    if (other !== told) emit({ type: 'host-waiting', host: host.name, job: other, lock: facts.lock ?? '' })
    told = other
    await sleep(LOOK_SECONDS * 1000, undefined, { signal }).catch(() => {})
    signal.throwIfAborted()
  }
}

/** A job that runs there and is none of this plan's, which the run would join. */
function otherJob(prepared: Prepared): string | undefined {
  const ours = runningJobs(prepared)
  const running = prepared.context.facts.jobs.find((job) => job.state === 'running')
  return ours.length > 0 ? undefined : running?.id
}
