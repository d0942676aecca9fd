/** Follows a job of a host on the screen, from its first line to its end; what `attach` and `logs -f` share. */
import { jobPath } from '../build/jobPath.ts'
import { cancelledError } from '../run/cancelJob.ts'
import type { StepTitle } from '../run/events.ts'
import type { HostJob } from '../run/hostJobs.ts'
import { stepFailure } from '../run/jobFailure.ts'
import { JobLog } from '../run/jobLog.ts'
import { joinJob } from '../run/runJob.ts'
import type { OpenLine } from './hostLine.ts'
import { jobPrinter } from './report/jobPrinter.ts'

export interface FollowOptions {
  json: boolean
  /** Names of the steps to show, of those there are. */
  only: (steps: readonly StepTitle[]) => readonly string[] | undefined
  /** Other jobs are followed beside it. */
  isOneOfSeveral?: boolean
  /** user@machine that the host's lock is passed to. */
  owner?: string
}

/** @throws BuildStackError as the run of the job would: STEP, SERVICE, INTERRUPTED when it was cancelled, HOST. */
export async function followJob(open: OpenLine, job: HostJob, options: FollowOptions): Promise<void> {
  const { json, only, owner } = options
  const { host, facts, line, signal } = open
  const folder = jobPath(host.work, job.id)
  const log = new JobLog(host.name, job.id)
  const place = {
    host: host.name,
    shell: facts.shell,
    work: host.work,
    ...(owner !== undefined && { owner }),
  }
  const among = options.isOneOfSeveral ? { job: job.id, recipe: job.recipe } : undefined
  let printer = jobPrinter(process.stdout, { json, only: undefined, among })
  const hooks = {
    log,
    onUpload: () => {},
    signal,
    emit: (event: Parameters<Parameters<typeof joinJob>[3]['emit']>[0]) => {
      if (event.type === 'step-start') printer.step(event.step.name, event.step.title)
      else if (event.type === 'output') printer.line(event.line)
    },
  }
  try {
    const result = await joinJob(line, place, folder, hooks, (steps) => {
      printer = jobPrinter(process.stdout, { json, only: only(steps), among })
    })
    if (result.code === 0) return
    if (result.cancelledBy !== undefined) throw cancelledError(result.cancelledBy)
    const step = result.failed ?? { name: '', title: 'the job' }
    throw stepFailure({
      host: host.name,
      recipe: `${job.recipe} ${job.to ?? job.from ?? ''}`.trimEnd(),
      step: step.title,
      code: result.code,
      // It was on the screen just now.
      log: [],
      logFile: log.file,
      script: `${folder}/steps/${step.name}.sh`,
      shell: facts.shell,
    })
  } finally {
    await log.close()
  }
}
