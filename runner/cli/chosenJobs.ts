/** Which jobs of a host a command is about: the one that was named, or all that run. Pure. */
import { BuildStackError } from '../errors.ts'
import type { HostJob } from '../run/hostJobs.ts'

/** How many of a host's jobs are looked at, newest first: what may have been started since those that run. */
export const NEWEST = 50

/** In the order given; with a name that one, whatever its state. @throws BuildStackError HOST, USAGE when there is none. */
export function chosenJobs(jobs: readonly HostJob[], id: string | undefined, host: string): HostJob[] {
  const found = jobs.filter((job) => (id === undefined ? job.state === 'running' : job.id === id))
  if (found.length > 0) return found
  const message = id === undefined ? 'no job is running' : `no job is called ${id}`
  throw new BuildStackError(id === undefined ? 'HOST' : 'USAGE', message, {
    next: `build-stack ps ${host} shows the last ones; build-stack logs ${host} RECIPE what one printed`,
  })
}
