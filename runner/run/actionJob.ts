/** Carries out one action of a plan on its host: makes the job or finds the one that runs, and follows it to its end. */

import { randomBytes } from 'node:crypto'
import { makeAdoption } from '../build/adoption.ts'
import { jobKey, makeJob } from '../build/job.ts'
import type { Job } from '../build/jobFolder.ts'
import { jobPath } from '../build/jobPath.ts'
import type { Start } from '../build/keptSteps.ts'
import { makeRemoval } from '../build/removal.ts'
import { makeServiceJob } from '../build/serviceJob.ts'
import { conceal } from '../desired/secrets.ts'
import type { StoredPackage } from '../packages/controllerStore.ts'
import { isServiceVerb } from '../plan/makePlan.ts'
import type { Action } from '../plan/plan.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { cancelledError } from './cancelJob.ts'
import type { Emit, Expected } from './events.ts'
import type { HostLine } from './hostLine.ts'
import { stepFailure } from './jobFailure.ts'
import { JobLog } from './jobLog.ts'
import type { Prepared } from './prepareHost.ts'
import { type JobHooks, type JobResult, joinJob, type StartPlace, startJob } from './runJob.ts'
import { type FetchedJobSource, requireSpace, workBytesOf } from './sources.ts'

export interface ActionInput {
  /** For an action that compiles. */
  source: FetchedJobSource | undefined
  /** For an action that installs a package of this machine. */
  package: StoredPackage | undefined
  /** For a rollback. */
  receipt: Receipt | undefined
}

export interface ActionContext {
  prepared: Prepared
  line: HostLine
  emit: Emit
  signal: AbortSignal
  /** Of the run that the host's lock has: see lock.sh. */
  runName: string
  /** How many its build may use at once. */
  cpus: number
  /** For sudo, where it asks for one. */
  sudoPassword: string | undefined
  /** Of the last run of this recipe on this host. */
  expected: Expected | undefined
  /** Where a build begins that an earlier job had begun. */
  start: Start
}

/** A job of an earlier run that does just this, and is still at it. */
export function runningJob(action: Action, { context }: Prepared): string | undefined {
  if (isServiceVerb(action.kind)) return undefined
  const key = jobKey(action)
  return context.facts.jobs.find((job) => job.state === 'running' && job.id.startsWith(`${key}.`))?.id
}

/** Those of all actions of the plan. */
export function runningJobs(prepared: Prepared): string[] {
  return prepared.plan.actions.flatMap((action) => runningJob(action, prepared) ?? [])
}

/** How long the steps took. @throws BuildStackError STEP, SERVICE, LOCKED, HOST, DISCONNECTED. */
export async function carryOut(
  action: Action,
  input: () => Promise<ActionInput>,
  context: ActionContext,
): Promise<Expected> {
  const { host } = context.prepared.context
  const at = { host: host.name, recipe: action.recipe, version: action.version }
  const running = runningJob(action, context.prepared)
  if (running) {
    const folder = jobPath(host.work, running)
    const hooks = hooksOf(action, running, context)
    const result = await joinJob(context.line, placeOf(context), folder, hooks, (steps) =>
      context.emit({ type: 'job', job: running, resumed: true, steps, expected: context.expected, ...at }),
    )
    return finish(action, result, hooks, folder, context)
  }
  const given = await input()
  const job = await newJob(action, given, context)
  const hooks = hooksOf(action, job.id, context)
  context.emit({
    type: 'job',
    job: job.id,
    resumed: false,
    steps: job.steps,
    expected: context.expected,
    ...at,
  })
  const result = await startJob(context.line, placeOf(context), job, hooks)
  const durations = await finish(action, result, hooks, job.folder, context)
  return given.source ? { ...durations, workBytes: workBytesOf(given.source.uncompressedBytes) } : durations
}

function newJob(action: Action, input: ActionInput, { prepared, cpus, start }: ActionContext): Promise<Job> {
  const { facts, host } = prepared.context
  const attempt = { attempt: randomBytes(4).toString('hex'), token: randomBytes(16).toString('hex') }
  if (action.kind === 'remove') return Promise.resolve(makeRemoval(action, prepared.context, attempt))
  if (isServiceVerb(action.kind)) return Promise.resolve(makeServiceJob(action, prepared.context, attempt))
  if (action.kind === 'adopt')
    return Promise.resolve(makeAdoption(action, prepared.context, attempt, prepared.patchContent))
  if (input.source) requireSpace(input.source.uncompressedBytes, facts, host.name, host.work)
  const parts = { ...attempt, ...input, cpus, start, patchContent: prepared.patchContent }
  return makeJob(action, prepared.context, parts)
}

function placeOf({ prepared: { context }, runName, sudoPassword }: ActionContext): StartPlace {
  const { host, facts, by } = context
  const place = { host: host.name, shell: facts.shell, work: host.work }
  return { ...place, owner: by, run: runName, sudoPassword }
}

function hooksOf(action: Action, job: string, { prepared, emit, signal }: ActionContext): JobHooks {
  const { name } = prepared.context.host
  const at = { host: name, recipe: action.recipe, version: action.version }
  const hide = (text: string) => conceal(text, prepared.context.secrets)
  return {
    log: new JobLog(name, job, hide),
    emit: (event) => emit({ ...event, ...('line' in event && { line: hide(event.line) }), ...at }),
    onUpload: (done, total) => emit({ type: 'upload', done, total, ...at }),
    signal,
  }
}

async function finish(
  action: Action,
  result: JobResult,
  { log }: JobHooks,
  folder: string,
  { prepared: { context } }: ActionContext,
): Promise<Expected> {
  await log.close()
  if (result.code === 0) return result.durations
  if (result.cancelledBy !== undefined) throw cancelledError(result.cancelledBy)
  const step = result.failed ?? { name: '', title: 'the job' }
  throw stepFailure({
    host: context.host.name,
    recipe: `${action.recipe} ${action.version}`,
    step: step.title,
    code: result.code,
    log: log.tail,
    logFile: log.file,
    script: `${folder}/steps/${step.name}.sh`,
    shell: context.facts.shell,
  })
}
