/** `build-stack cancel HOST [JOB]`: ends the job that runs there, whoever started it, and what it had begun is undone. */
import { hostname, userInfo } from 'node:os'
import { loadProject } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import { type Cancelled, cancelJob } from '../run/cancelJob.ts'
import { type HostJob, hostJobs } from '../run/hostJobs.ts'
import { onHosts, throwErrors } from './onHosts.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { hostNamed } from './selectHosts.ts'

const NEWEST = 20

const SAYS: Record<Cancelled, string> = {
  cancelled: 'cancelled',
  late: 'too late to cancel: it has ended, or what it installed was recorded already',
  gone: 'it was gone already; what was left of its processes is ended',
}

/** @returns 0 when the job is no more, 1 when it was too late. */
export async function cancel(
  name: string,
  id: string | undefined,
  options: ConnectingOptions,
): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const host = hostNamed(project, name)
  const results = await onHosts(project, [host], options, async ({ facts, transport, line }) => {
    const place = { host: host.name, shell: facts.shell, work: host.work }
    const job = chosen(await hostJobs(transport, place, NEWEST), id)
    const by = `${userInfo().username}@${hostname()}`
    return { job, result: await cancelJob(line.transport(), job.id, { ...place, by }) }
  })
  throwErrors(results)
  for (const { answer } of results.answers) {
    const { job, result } = answer
    const text = options.json
      ? JSON.stringify({ host: host.name, job: job.id, result })
      : `${host.name}: ${job.id}: ${SAYS[result]}`
    process.stdout.write(`${text}\n`)
    if (result === 'late') return 1
  }
  return 0
}

function chosen(jobs: HostJob[], id: string | undefined): HostJob {
  const found = jobs.find((job) => (id === undefined ? job.state === 'running' : job.id === id))
  if (found) return found
  const message = id === undefined ? 'no job is running' : `no job is called ${id}`
  throw new BuildStackError(id === undefined ? 'HOST' : 'USAGE', message, {
    next: 'build-stack ps HOST shows what there is',
  })
}
