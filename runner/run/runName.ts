/** The name that a run has in a host's lock, under which its jobs are at work together: see host/lock.sh. Pure. */
import { runningJobs } from './actionJob.ts'
import type { Prepared } from './prepareHost.ts'

/**
 * A run that finds its own jobs at work, started by one that was cut off, goes on under that one's name; where somebody
 * else's are among them, it has to wait for its turn like anybody.
 */
export function runNameOn(prepared: Prepared, own: string): string {
  const { jobs, lock } = prepared.context.facts
  const ours = runningJobs(prepared)
  const running = jobs.filter(({ state }) => state === 'running')
  if (running.length === 0 || running.some(({ id }) => !ours.includes(id))) return own
  return /\brun (\S+)/.exec(lock ?? '')?.[1] ?? own
}
