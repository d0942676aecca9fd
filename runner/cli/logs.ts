/** `build-stack logs HOST RECIPE [STEP]`: what the newest job of a recipe printed, there or in the copy here. */
import { jobPath } from '../build/jobPath.ts'
import { loadProject } from '../config/load.ts'
import { suggestion } from '../config/suggest.ts'
import { BuildStackError } from '../errors.ts'
import type { StepTitle } from '../run/events.ts'
import { type HostJob, hostJobs } from '../run/hostJobs.ts'
import { newestCopy } from '../run/logCopies.ts'
import { LogReader } from '../run/logReader.ts'
import { jobTitles } from '../run/runJob.ts'
import { quote } from '../shell.ts'
import { followJob } from './followedJob.ts'
import { type OpenLine, onHostLine } from './hostLine.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { jobPrinter } from './report/jobPrinter.ts'
import { hostNamed } from './selectHosts.ts'

export interface LogsOptions extends ConnectingOptions {
  /** The log of a service, not of a job: serviceLog.ts. */
  service: boolean
  /** Lines of a service's log. */
  last: number
  follow: boolean
  offline: boolean
}

/** One recipe's name can be the beginning of another's. */
const NEWEST = 50

export async function logs(
  name: string,
  recipe: string,
  step: string | undefined,
  options: LogsOptions,
): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const host = hostNamed(project, name)
  if (options.offline) {
    printCopy(host.name, recipe, step, options)
    return 0
  }
  await onHostLine(project, host, options, async (open) => {
    const place = { host: host.name, shell: open.facts.shell, work: host.work, recipe }
    const [job] = await hostJobs(open.line.reading(), place, NEWEST)
    if (!job) throw noJob(recipe, host.name)
    if (options.follow) {
      await followJob(open, job, { json: options.json, only: (steps) => namesOf(steps, step, recipe) })
    } else await print(open, job, step, options)
  })
  return 0
}

async function print(
  { host, line }: OpenLine,
  job: HostJob,
  step: string | undefined,
  { json }: LogsOptions,
): Promise<void> {
  const folder = jobPath(host.work, job.id)
  const { token, steps } = await jobTitles(line.reading(), host.name, folder)
  const printer = jobPrinter(process.stdout, { json, only: namesOf(steps, step, job.recipe) })
  const reader = new LogReader(token)
  const read = (bytes: Buffer) => {
    for (const piece of reader.read(bytes)) {
      if (piece.kind === 'line') printer.line(piece.text)
      if (piece.kind === 'step') printer.step(piece.step, titleOf(steps, piece.step))
    }
  }
  let last: number | undefined
  const onStdout = (bytes: Buffer) => {
    last = bytes.at(-1)
    read(bytes)
  }
  await line.transport().exec(`exec cat ${quote(`${folder}/log`)}`, { onStdout })
  // The last line of a job that was killed, or is in the middle of one.
  if (last !== undefined && last !== 0x0a) read(Buffer.from('\n'))
}

function printCopy(host: string, recipe: string, step: string | undefined, { json }: LogsOptions): void {
  const copy = newestCopy(host, recipe)
  if (!copy) throw noJob(recipe, host)
  const steps = copy.map(({ title }) => ({ name: title, title }))
  const printer = jobPrinter(process.stdout, { json, only: namesOf(steps, step, recipe) })
  for (const { title, lines } of copy) {
    printer.step(title, title)
    for (const line of lines) printer.line(line)
  }
}

function titleOf(steps: readonly StepTitle[], name: string): string {
  return steps.find((step) => step.name === name)?.title ?? name
}

/** The steps of that title, else those that begin with it. */
function namesOf(
  steps: readonly StepTitle[],
  wanted: string | undefined,
  recipe: string,
): readonly string[] | undefined {
  if (wanted === undefined) return undefined
  const exact = steps.filter(({ name, title }) => title === wanted || name === wanted)
  const found = exact.length > 0 ? exact : steps.filter(({ title }) => title.startsWith(wanted))
  if (found.length > 0) return found.map(({ name }) => name)
  const titles = [...new Set(steps.map(({ title }) => title))]
  const hint = suggestion(wanted, titles, 'there are')
  throw new BuildStackError('USAGE', `the job of ${recipe} has no step "${wanted}"${hint}`, {
    next: `name one of: ${titles.join(', ')}`,
  })
}

function noJob(recipe: string, host: string): BuildStackError {
  return new BuildStackError('USAGE', `no job of "${recipe}" has been started`, {
    host,
    next: `build-stack ps ${host} shows those that were`,
  })
}
