/** `build-stack cancel HOST [JOB]`: ends the jobs that run there, whoever started them, and what they had begun is undone. */
import { loadProject } from '../config/load.ts'
import { type Cancelled, cancelJob } from '../run/cancelJob.ts'
import { hostJobs } from '../run/hostJobs.ts'
import { byWhom } from './byWhom.ts'
import { chosenJobs, NEWEST } from './chosenJobs.ts'
import { onHosts, throwErrors } from './onHosts.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { hostNamed } from './selectHosts.ts'

const SAYS: Record<Cancelled, string> = {
  cancelled: 'cancelled',
  late: 'too late to cancel: it has ended, or what it installed was recorded already',
  gone: 'it was gone already; what was left of its processes is ended',
}

/** @returns 0 when the jobs are no more, 1 when it was too late for one. */
export async function cancel(
  name: string,
  id: string | undefined,
  options: ConnectingOptions,
): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const host = hostNamed(project, name)
  let late = false
  const results = await onHosts(project, [host], options, async ({ facts, transport, line }) => {
    const place = { host: host.name, shell: facts.shell, work: host.work, by: byWhom() }
    const jobs = chosenJobs(await hostJobs(transport, place, NEWEST), id, host.name)
    // At once: one that waits for another's turn begins nothing when that one is gone.
    const ends = await Promise.allSettled(
      jobs.map(async (job) => {
        const result = await cancelJob(line.transport(), job.id, place)
        late ||= result === 'late'
        const text = options.json
          ? JSON.stringify({ host: host.name, job: job.id, result })
          : `${host.name}: ${job.id}: ${SAYS[result]}`
        process.stdout.write(`${text}\n`)
      }),
    )
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  })
  throwErrors(results)
  return late ? 1 : 0
}
