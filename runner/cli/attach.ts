/** `build-stack attach HOST [JOB]`: follows the jobs that run there, whoever started them, from their first lines to their ends. */
import { loadProject } from '../config/load.ts'
import { BuildStackError, BuildStackErrors } from '../errors.ts'
import { hostJobs } from '../run/hostJobs.ts'
import { byWhom } from './byWhom.ts'
import { chosenJobs, NEWEST } from './chosenJobs.ts'
import { followJob } from './followedJob.ts'
import { onHostLine } from './hostLine.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { hostNamed } from './selectHosts.ts'

/** Whoever follows what runs has the host's lock from then on. @returns 0 when all ended well; failures are thrown as a run's. */
export async function attach(
  name: string,
  id: string | undefined,
  options: ConnectingOptions,
): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  await onHostLine(project, hostNamed(project, name), options, async (open) => {
    const { host, facts, line } = open
    const place = { host: host.name, shell: facts.shell, work: host.work }
    const jobs = chosenJobs(await hostJobs(line.reading(), place, NEWEST), id, host.name)
    if (!options.json)
      for (const job of jobs) process.stderr.write(`${host.name}: ${job.id}, started by ${job.by}\n`)
    const isOneOfSeveral = jobs.length > 1
    const ends = await Promise.allSettled(
      jobs.map((job) =>
        followJob(open, job, { json: options.json, only: () => undefined, isOneOfSeveral, owner: byWhom() }),
      ),
    )
    const reasons = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
    for (const reason of reasons) if (!(reason instanceof BuildStackError)) throw reason
    // Left by Ctrl-C, all end in the same way.
    if (reasons.length > 0) throw new BuildStackErrors([...new Set(reasons)])
  })
  return 0
}
