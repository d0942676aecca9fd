/** One host from connection to summary: probe, plan, and its actions one after the other. */
import { randomBytes } from 'node:crypto'
import { jobKey, makeJob } from '../build/job.ts'
import { missingTools } from '../build/tools.ts'
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import { BuildStackError, BuildStackErrors } from '../errors.ts'
import type { Action, Plan } from '../plan/plan.ts'
import { probeHost } from '../probe/probeHost.ts'
import type { Transport } from '../transports/transport.ts'
import type { Emit, Expected } from './events.ts'
import { readInventory, writeInventory } from './inventory.ts'
import { stepFailure } from './jobFailure.ts'
import { JobLog } from './jobLog.ts'
import { type Prepared, prepareHost } from './prepareHost.ts'
import { type JobHooks, type JobPlace, type JobResult, joinJob, type Line, startJob } from './runJob.ts'
import { requireSpace, type Sources } from './sources.ts'

export interface RunContext {
  recipes: ReadonlyMap<string, LoadedRecipe>
  only: readonly string[]
  dryRun: boolean
  connect: (host: Host) => Promise<Transport>
  sources: Sources
  /** user@machine */
  by: string
  emit: Emit
  signal: AbortSignal
}

export interface HostResult {
  host: string
  plan: Plan | undefined
  errors: BuildStackError[]
}

export async function runHost(host: Host, context: RunContext): Promise<HostResult> {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  const errors: BuildStackError[] = []
  let plan: Plan | undefined
  let transport: Transport | undefined
  try {
    context.emit({ type: 'host-connecting', host: host.name, address: host.address })
    transport = await context.connect(host)
    const facts = await probeHost(host, transport)
    const prepared = prepareHost(host, facts, context.recipes, context.only, context.by)
    plan = prepared.plan
    context.emit({ type: 'host-planned', host: host.name, plan })
    if (!context.dryRun) {
      const runner = new HostRunner(host, context, prepared, transport)
      errors.push(...(await runner.run()))
      transport = runner.connection
    }
    context.emit({ type: 'host-end', host: host.name, seconds: seconds() })
  } catch (error) {
    for (const one of error instanceof BuildStackErrors ? error.errors : [error]) {
      if (!(one instanceof BuildStackError)) throw error
      const named = one.with({ host: host.name })
      errors.push(named)
      context.emit({ type: 'host-end', host: host.name, seconds: seconds(), error: named })
    }
  } finally {
    await transport?.close()
  }
  return { host: host.name, plan, errors }
}

class HostRunner {
  readonly #host: Host
  readonly #context: RunContext
  readonly #prepared: Prepared
  #transport: Transport
  #expected: Record<string, Expected> = {}
  readonly #measured: Record<string, Expected> = {}

  constructor(host: Host, context: RunContext, prepared: Prepared, transport: Transport) {
    this.#host = host
    this.#context = context
    this.#prepared = prepared
    this.#transport = transport
  }

  /** The one that is open now: it is not the first one after a lost line. */
  get connection(): Transport {
    return this.#transport
  }

  /** The errors of the recipes that failed. A failed recipe stops only what needs it. */
  async run(): Promise<BuildStackError[]> {
    const { plan, context } = this.#prepared
    const pending = plan.actions.filter((action) => action.kind !== 'keep')
    const compiled = pending.filter((action) => action.kind !== 'update')
    const missing = missingTools(
      compiled.map((action) => action.build),
      context.facts,
      this.#host.name,
    )
    if (missing) throw missing
    if (pending.length > 0) this.#requireRights()
    this.#expected = pending.length > 0 ? (await readInventory(this.#host.name)).durations : {}
    // All archives first: a run should not find after an hour that the last one cannot be had.
    const unavailable = await this.#fetchAll(compiled)

    const failed = new Map<string, BuildStackError>()
    for (const action of plan.actions) {
      const started = performance.now()
      const at = { host: this.#host.name, recipe: action.recipe, version: action.version }
      const end = (
        result: 'kept' | 'done' | 'failed' | 'skipped',
        more: { error?: BuildStackError; because?: string } = {},
      ) =>
        this.#context.emit({
          type: 'recipe-end',
          ...at,
          result,
          seconds: (performance.now() - started) / 1000,
          ...more,
        })
      const broken = Object.keys(action.build.dependencies).find((name) => failed.has(name))
      if (action.kind === 'keep') {
        end('kept')
        continue
      }
      if (broken) {
        const error = failed.get(broken) as BuildStackError
        failed.set(action.recipe, error)
        end('skipped', { because: `${broken} failed` })
        continue
      }
      this.#context.emit({ type: 'recipe-start', action, ...at })
      try {
        const cannot = unavailable.get(action.recipe)
        if (cannot) throw cannot
        await this.#act(action)
        end('done')
      } catch (error) {
        if (!(error instanceof BuildStackError)) throw error
        const named = error.with({ host: this.#host.name, recipe: `${action.recipe} ${action.version}` })
        failed.set(action.recipe, named)
        end('failed', { error: named })
        // Without a connection, or with the host held by somebody else, nothing else can be done here.
        if (['DISCONNECTED', 'CONNECT', 'LOCKED', 'INTERRUPTED'].includes(named.code)) break
      }
    }
    if (pending.length > 0) await this.#remember()
    return [...new Set(failed.values())]
  }

  #requireRights(): void {
    const { facts } = this.#prepared.context
    if (facts.privilege !== undefined) return
    throw new BuildStackError(
      'PREREQUISITE',
      `${facts.user} may not write to ${this.#host.prefix}, and has neither pfexec nor sudo`,
      {
        host: this.#host.name,
        next: `connect as another user, give ${facts.user} a profile or sudo without a password, or make the prefix writable`,
      },
    )
  }

  async #fetchAll(actions: Action[]): Promise<Map<string, BuildStackError>> {
    const unavailable = new Map<string, BuildStackError>()
    const fetches = actions.map(async (action) => {
      const at = { host: this.#host.name, recipe: action.recipe, version: action.version }
      // A job that runs already has its source.
      if (this.#runningJob(action)) return
      try {
        await this.#context.sources.get(action, (done, total, what) =>
          this.#context.emit({ type: 'fetch', what, done, total, ...at }),
        )
      } catch (error) {
        if (!(error instanceof BuildStackError)) throw error
        unavailable.set(action.recipe, error)
      }
    })
    await Promise.all(fetches)
    return unavailable
  }

  /** A job of an earlier run that does just this, and is still at it. */
  #runningJob(action: Action): string | undefined {
    const key = jobKey(action.build, action.kind)
    return this.#prepared.context.facts.jobs.find(
      (job) => job.state === 'running' && job.id.startsWith(`${key}.`),
    )?.id
  }

  async #act(action: Action): Promise<void> {
    const { context, patchContent } = this.#prepared
    const { facts } = context
    const at = { host: this.#host.name, recipe: action.recipe, version: action.version }
    const place: JobPlace = {
      host: this.#host.name,
      shell: facts.shell,
      work: this.#host.work,
      owner: this.#context.by,
    }
    const line: Line = { transport: () => this.#transport, reconnect: () => this.#reconnect() }
    const running = this.#runningJob(action)
    const id = running ?? ''
    const hooks = (job: string): JobHooks => ({
      log: new JobLog(this.#host.name, job),
      emit: (event) => this.#context.emit({ ...event, ...at }),
      onUpload: (done, total) => this.#context.emit({ type: 'upload', done, total, ...at }),
      signal: this.#context.signal,
    })
    const expected = this.#expected[action.recipe]
    if (running) {
      const folder = `${this.#host.work}/jobs/${id}`
      const hooked = hooks(id)
      const result = await joinJob(line, place, folder, hooked, (steps) =>
        this.#context.emit({ type: 'job', job: id, resumed: true, steps, expected, ...at }),
      )
      return this.#finish(action, result, hooked, folder)
    }
    const source = action.kind === 'update' ? undefined : await this.#context.sources.get(action, () => {})
    if (source) requireSpace(source.uncompressedBytes, facts, this.#host.name, this.#host.work)
    const job = await makeJob(action.build, action.kind, context, {
      attempt: randomBytes(4).toString('hex'),
      token: randomBytes(16).toString('hex'),
      source,
      patchContent,
    })
    const hooked = hooks(job.id)
    this.#context.emit({ type: 'job', job: job.id, resumed: false, steps: job.steps, expected, ...at })
    const result = await startJob(line, place, job, hooked)
    return this.#finish(action, result, hooked, job.folder)
  }

  async #finish(action: Action, result: JobResult, { log }: JobHooks, folder: string): Promise<void> {
    await log.close()
    if (result.code === 0) {
      this.#measured[action.recipe] = result.durations
      return
    }
    const step = result.failed ?? { name: '', title: 'the job' }
    throw stepFailure({
      host: this.#host.name,
      recipe: `${action.recipe} ${action.version}`,
      step: step.title,
      code: result.code,
      log: log.tail,
      logFile: log.file,
      script: `${folder}/steps/${step.name}.sh`,
      shell: this.#prepared.context.facts.shell,
    })
  }

  async #reconnect(): Promise<void> {
    let last: unknown
    for (const wait of RECONNECT_SECONDS) {
      await new Promise((resolve) => setTimeout(resolve, wait * 1000))
      if (this.#context.signal.aborted) break
      try {
        await this.#transport.close()
        this.#transport = await this.#context.connect(this.#host)
        return
      } catch (error) {
        last = error
      }
    }
    throw (
      last ??
      new BuildStackError('INTERRUPTED', 'stopped while the connection was down', { host: this.#host.name })
    )
  }

  /** Receipts as they are now, for looking things up without a connection; a failure here is no failure of the run. */
  async #remember(): Promise<void> {
    try {
      const facts = await probeHost(this.#host, this.#transport)
      const before = await readInventory(this.#host.name)
      await writeInventory({
        format: 1,
        host: this.#host.name,
        seenAt: new Date().toISOString(),
        receipts: facts.receipts,
        durations: { ...before.durations, ...this.#measured },
      })
    } catch (error) {
      if (!(error instanceof BuildStackError)) throw error
    }
  }
}

/** Some two minutes in all: a restarted sshd, a changed network. The job goes on meanwhile. */
const RECONNECT_SECONDS = [1, 2, 4, 8, 15, 30, 60]
