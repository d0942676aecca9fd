/** `build-stack attach HOST`: follows the job that runs there, whoever started it, from its first line to its end. */
import { loadProject } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import { hostJobs } from '../run/hostJobs.ts'
import { followJob } from './followedJob.ts'
import { onHostLine } from './hostLine.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { hostNamed } from './selectHosts.ts'

/** What may have been started since the job that runs. */
const NEWEST = 20

/** @returns 0 when the job ended well; its failure is thrown as a run's. */
export async function attach(name: string, options: ConnectingOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  await onHostLine(project, hostNamed(project, name), options, async (open) => {
    const { host, facts, line } = open
    const place = { host: host.name, shell: facts.shell, work: host.work }
    const jobs = await hostJobs(line.reading(), place, NEWEST)
    const running = jobs.find((job) => job.state === 'running')
    if (!running) {
      throw new BuildStackError('HOST', 'no job is running', {
        next: `build-stack ps ${host.name} shows the last ones; build-stack logs ${host.name} RECIPE what one printed`,
      })
    }
    if (!options.json) process.stderr.write(`${host.name}: ${running.id}, started by ${running.by}\n`)
    await followJob(open, running, { json: options.json, only: () => undefined })
  })
  return 0
}
