/** `build-stack ps [HOST...]`: the jobs that run on hosts, and the last ones that did. */
import { loadProject } from '../config/load.ts'
import { hostJobs } from '../run/hostJobs.ts'
import { onHosts, throwErrors } from './onHosts.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { wantsColor } from './report/color.ts'
import { jobsJson, jobsTable } from './report/jobsTable.ts'
import { hostsOrAll } from './selectHosts.ts'

export interface PsOptions extends ConnectingOptions {
  /** Of each host. */
  last: number
  running: boolean
}

export async function ps(names: string[], options: PsOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const results = await onHosts(project, hostsOrAll(project, names), options, ({ host, facts, transport }) =>
    hostJobs(transport, { host: host.name, shell: facts.shell, work: host.work }, options.last),
  )
  const rows = results.answers.flatMap(({ host, answer }) => answer.map((job) => ({ host: host.name, job })))
  const shown = options.running ? rows.filter(({ job }) => job.state === 'running') : rows
  if (shown.length > 0) {
    const color = wantsColor(process.stdout.isTTY, process.env)
    const text = options.json ? jobsJson(shown) : jobsTable(shown, { color, now: new Date() })
    process.stdout.write(`${text}\n`)
  } else if (!options.json && results.answers.length > 0) {
    process.stdout.write(`no job ${options.running ? 'is running' : 'has been started'}\n`)
  }
  throwErrors(results)
  return 0
}
