/** Carries out the plans of one host. What begins when is Scheduling's; a failed recipe stops only what needs it. */
import { checkStart, type Start } from '../build/keptSteps.ts'
import { missingTools } from '../build/tools.ts'
import { secretsOf } from '../desired/secrets.ts'
import { BuildStackError } from '../errors.ts'
import type { ControllerStore, StoredPackage } from '../packages/controllerStore.ts'
import { downloadPackage } from '../packages/download.ts'
import { floorProblem } from '../packages/floor.ts'
import { packageName } from '../packages/package.ts'
import { isPending } from '../plan/makePlan.ts'
import type { Action } from '../plan/plan.ts'
import { missingLibraries } from '../plan/relink.ts'
import { sudoPassword } from '../privilege/checkSudo.ts'
import { missingRights } from '../privilege/rights.ts'
import type { SudoPasswords } from '../privilege/sudoPasswords.ts'
import type { Facts } from '../probe/facts.ts'
import { probeHost } from '../probe/probeHost.ts'
import { compiles, hostTasks, taskId, taskText } from '../schedule/hostTasks.ts'
import type { Task } from '../schedule/schedule.ts'
import { type ActionInput, carryOut, runningJob } from './actionJob.ts'
import type { Emit, Expected } from './events.ts'
import { expectedSeconds } from './expectedSeconds.ts'
import type { HostLine } from './hostLine.ts'
import { type HostInventory, mergedDurations, readInventory, writeInventory } from './inventory.ts'
import type { Prepared } from './prepareHost.ts'
import { readSecrets } from './readSecrets.ts'
import { runNameOn } from './runName.ts'
import type { Scheduling, TaskEnd } from './scheduling.ts'
import type { Sources } from './sources.ts'

export interface HostRunContext {
  sources: Sources
  store: ControllerStore
  scheduling: Scheduling
  /** What earlier runs took, the host seen last first. */
  inventories: () => Promise<readonly HostInventory[]>
  sudoPasswords: SudoPasswords
  /** Under which the jobs of this run are at work together. */
  runName: string
  /** Where builds begin that an earlier job had begun. */
  start: Start
  emit: Emit
  signal: AbortSignal
}

/** After these nothing else can be done on the host in this run. */
const FINAL = ['DISCONNECTED', 'CONNECT', 'LOCKED', 'INTERRUPTED']

/** What the scheduler said when it let an action begin. */
interface Turn {
  task: Task
  cpus: number
  /** Whether it is worth while to wait for somebody else who has the host. */
  waits: boolean
}

export class HostRun {
  /** Set by tasks(). */
  #prepared!: Prepared
  readonly #line: HostLine
  readonly #context: HostRunContext
  readonly #errors = new Set<BuildStackError>()
  /** Recipes whose end was told. */
  readonly #ended = new Set<string>()
  readonly #measured: Record<string, Expected> = {}
  #expected: Record<string, Expected> = {}
  #sudoPassword: string | undefined

  constructor(line: HostLine, context: HostRunContext) {
    this.#line = line
    this.#context = context
  }

  /** Of the recipes that failed. */
  get errors(): BuildStackError[] {
    return [...this.#errors]
  }

  /** What is to be done here by this plan, for the scheduler. */
  async tasks(prepared: Prepared): Promise<Task[]> {
    this.#prepared = prepared
    const { plan, context } = prepared
    if (!isPending(plan)) return []
    const inventories = await this.#context.inventories()
    return hostTasks(plan, {
      seconds: (action) => expectedSeconds(action, context, inventories),
      supervisor: context.supervisor?.name,
    })
  }

  /**
   * waits: for somebody else who has the host. It then ends as 'refused', and is to be run again with another plan.
   * @throws BuildStackError PREREQUISITE before anything is done.
   */
  async run(waits: boolean): Promise<'ended' | 'refused'> {
    const { plan } = this.#prepared
    const pending = plan.actions.filter((action) => action.kind !== 'keep')
    if (pending.length > 0) {
      this.#requireAll(pending)
      await this.#askForPassword(pending)
      this.#prepared = withSecrets(this.#prepared, pending)
      this.#expected = (await readInventory(plan.host)).durations
    }
    // All archives first: a run should not find after an hour that the last one cannot be had.
    const unavailable = await this.#fetchAll(pending.filter(compiles))
    const isNew = ({ recipe }: Action) => !this.#ended.has(recipe)
    for (const action of plan.actions) {
      if (action.kind === 'keep' && isNew(action)) this.#ending(action)('kept')
    }
    const actionOf = new Map(plan.actions.map((action) => [taskId(plan.host, action.recipe), action]))
    const end = await this.#context.scheduling.carryOut(plan.host, {
      start: (task, cpus) => {
        const action = actionOf.get(task.id) as Action
        return this.#one(action, { task, cpus, waits }, unavailable.get(action.recipe))
      },
      skip: ({ id }, because) => {
        const action = actionOf.get(id) as Action
        // Of a lost host its own end says why.
        if (because === plan.host || !isNew(action)) return
        const cause = actionOf.get(because)?.recipe ?? taskText(because)
        this.#ending(action)('skipped', { because: `${cause} failed` })
      },
    })
    if (end === 'refused') return end
    if (end === 'stopped' && this.#errors.size === 0) this.#context.signal.throwIfAborted()
    if (pending.length > 0 || Object.keys(this.#measured).length > 0) await this.#remember()
    return 'ended'
  }

  /** Tells the end of an action that begins now. */
  #ending({ recipe, version }: Action) {
    const started = performance.now()
    return (
      result: 'kept' | 'done' | 'failed' | 'skipped',
      more: { error?: BuildStackError; because?: string } = {},
    ) => {
      const at = { host: this.#prepared.plan.host, recipe, version }
      const seconds = (performance.now() - started) / 1000
      this.#ended.add(recipe)
      this.#context.emit({ type: 'recipe-end', ...at, result, seconds, ...more })
    }
  }

  async #one(action: Action, turn: Turn, unavailable: BuildStackError | undefined): Promise<TaskEnd> {
    const { host } = this.#prepared.plan
    const end = this.#ending(action)
    try {
      if (action.onlyWithout && (await this.#missing(action.onlyWithout)).length === 0) {
        end('kept', { because: `${action.onlyWithout.join(', ')} is still there` })
        return 'done'
      }
      const { recipe, version } = action
      this.#context.emit({ type: 'recipe-start', action, host, recipe, version })
      if (unavailable) throw unavailable
      this.#measured[action.recipe] = await this.#act(action, turn)
      end('done')
      return 'done'
    } catch (error) {
      if (!(error instanceof BuildStackError)) throw error
      if (error.code === 'LOCKED' && turn.waits) {
        const { recipe, version } = action
        this.#context.emit({ type: 'recipe-locked', host, recipe, version, because: error.message })
        return 'refused'
      }
      const named = error.with({ host, recipe: `${action.recipe} ${action.version}` })
      this.#errors.add(named)
      end('failed', { error: named })
      return FINAL.includes(named.code) ? 'lost' : 'failed'
    }
  }

  /** Builds, or installs a package that is there, or that another host of this run has built meanwhile. */
  async #act(action: Action, turn: Turn): Promise<Expected> {
    const { store, scheduling } = this.#context
    if (action.package && action.package.at !== 'host') {
      const stored = await store.get(action.package.name)
      if (stored) return this.#carryOut(action, turn, stored)
      // Damaged, or refused: the way without it still is there.
      const { package: _, ...rest } = action
      return this.#act(rest, turn)
    }
    if (!compiles(action) || 'packages' in action.build.source) return this.#carryOut(action, turn)
    const name = packageName(action.build)
    const stored = scheduling.isStored(name) ? await store.get(name) : undefined
    const unfit = floorProblem(stored?.info.receipt.links?.floor, this.#prepared.context.facts)
    if (stored && unfit === undefined)
      return this.#carryOut({ ...action, package: { name, at: 'controller' } }, turn, stored)
    const result = await this.#carryOut(action, turn)
    // Also where no other host of this run wants it: one of a later run may.
    if (await downloadPackage(this.#line.transport(), action.build.prefix, name, store))
      scheduling.store(name)
    return result
  }

  #carryOut(action: Action, { cpus }: Turn, stored?: StoredPackage): Promise<Expected> {
    const input = async (): Promise<ActionInput> => ({
      source: compiles(action) ? await this.#context.sources.get(action, () => {}) : undefined,
      package: stored,
      receipt: this.#prepared.receipts?.[action.recipe],
    })
    return carryOut(action, input, {
      prepared: this.#prepared,
      line: this.#line,
      emit: this.#context.emit,
      signal: this.#context.signal,
      runName: runNameOn(this.#prepared, this.#context.runName),
      sudoPassword: this.#sudoPassword,
      cpus,
      expected: this.#expected[action.recipe],
      start: this.#context.start,
    })
  }

  async #missing(libraries: readonly string[]): Promise<string[]> {
    return missingLibraries(libraries, (await this.#probe()).receipts)
  }

  #probe(): Promise<Facts> {
    return probeHost(this.#prepared.context.host, this.#line.reading())
  }

  #requireAll(pending: Action[]): void {
    const { facts, host } = this.#prepared.context
    const compiled = pending.filter(compiles)
    checkStart(this.#context.start, compiled, host.name)
    const missing = missingTools(
      compiled.map((action) => action.build),
      facts,
      host,
    )
    if (missing) throw missing
    const rights = missingRights(host, facts)
    if (rights) throw rights
  }

  /** Asked for before anything is built that could not be installed. What runs already was given it. */
  async #askForPassword(pending: Action[]): Promise<void> {
    const { facts, host } = this.#prepared.context
    if (facts.privilege !== 'sudo-password') return
    if (pending.every((action) => runningJob(action, this.#prepared))) return
    this.#sudoPassword = await sudoPassword(
      host.name,
      facts,
      this.#line.reading(),
      this.#context.sudoPasswords,
    )
  }

  async #fetchAll(actions: Action[]): Promise<Map<string, BuildStackError>> {
    const unavailable = new Map<string, BuildStackError>()
    const fetches = actions.map(async (action) => {
      // A job that runs already has its source; one that may not be needed is fetched when it is.
      if (runningJob(action, this.#prepared) || action.onlyWithout) return
      const at = { host: this.#prepared.plan.host, recipe: action.recipe, version: action.version }
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

  /** Receipts as they are now, for looking things up without a connection; a failure here is no failure of the run. */
  async #remember(): Promise<void> {
    const { host } = this.#prepared.plan
    try {
      const facts = await this.#probe()
      const before = await readInventory(host)
      await writeInventory({
        format: 1,
        host,
        seenAt: new Date().toISOString(),
        receipts: facts.receipts,
        cpus: facts.cpus,
        durations: mergedDurations(before.durations, this.#measured),
      })
    } catch (error) {
      if (!(error instanceof BuildStackError)) throw error
    }
  }
}

/** Read only when something will be done, and before anything is. */
function withSecrets(prepared: Prepared, pending: readonly Action[]): Prepared {
  const { context } = prepared
  const secrets = readSecrets(secretsOf(pending.map((action) => action.build)), context.host)
  return { ...prepared, context: { ...context, secrets } }
}
