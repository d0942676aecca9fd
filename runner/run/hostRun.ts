/** Carries out the plan of one host, action after action. A failed recipe stops only what needs it. */
import { missingTools } from '../build/tools.ts'
import { secretsOf } from '../desired/secrets.ts'
import { BuildStackError } from '../errors.ts'
import type { ControllerStore, StoredPackage } from '../packages/controllerStore.ts'
import { downloadPackage } from '../packages/download.ts'
import { floorProblem } from '../packages/floor.ts'
import { packageName } from '../packages/package.ts'
import { isCompiled } from '../plan/makePlan.ts'
import type { Action } from '../plan/plan.ts'
import { missingLibraries } from '../plan/relink.ts'
import { sudoPassword } from '../privilege/checkSudo.ts'
import { missingRights } from '../privilege/rights.ts'
import type { SudoPasswords } from '../privilege/sudoPasswords.ts'
import type { Facts } from '../probe/facts.ts'
import { probeHost } from '../probe/probeHost.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { type ActionInput, carryOut, runningJob } from './actionJob.ts'
import type { Emit, Expected } from './events.ts'
import type { HostLine } from './hostLine.ts'
import { mergedDurations, readInventory, writeInventory } from './inventory.ts'
import type { Prepared } from './prepareHost.ts'
import { readSecrets } from './readSecrets.ts'
import { runNameOn } from './runName.ts'
import type { SharedBuilds } from './sharedBuilds.ts'
import type { Sources } from './sources.ts'

export interface HostRunContext {
  sources: Sources
  store: ControllerStore
  shared: SharedBuilds
  sudoPasswords: SudoPasswords
  /** Receipts that come back with a rollback, by recipe. */
  receipts?: Readonly<Record<string, Receipt>>
  /** Under which the jobs of this run are at work together. */
  runName: string
  emit: Emit
  signal: AbortSignal
}

/** After these nothing else can be done on the host in this run. */
const FINAL = ['DISCONNECTED', 'CONNECT', 'LOCKED', 'INTERRUPTED']

export class HostRun {
  #prepared: Prepared
  readonly #line: HostLine
  readonly #context: HostRunContext
  readonly #failed = new Map<string, BuildStackError>()
  readonly #measured: Record<string, Expected> = {}
  #expected: Record<string, Expected> = {}
  #sudoPassword: string | undefined

  constructor(prepared: Prepared, line: HostLine, context: HostRunContext) {
    this.#prepared = prepared
    this.#line = line
    this.#context = context
  }

  /** The errors of the recipes that failed. @throws BuildStackError PREREQUISITE before anything is done. */
  async run(): Promise<BuildStackError[]> {
    const { plan } = this.#prepared
    const pending = plan.actions.filter((action) => action.kind !== 'keep')
    if (pending.length > 0) {
      this.#requireAll(pending)
      await this.#askForPassword(pending)
      this.#prepared = withSecrets(this.#prepared, pending)
      this.#expected = (await readInventory(plan.host)).durations
    }
    // All archives first: a run should not find after an hour that the last one cannot be had.
    const unavailable = await this.#fetchAll(pending.filter((action) => this.#compiles(action)))
    for (const action of plan.actions) {
      const error = await this.#one(action, unavailable.get(action.recipe))
      if (error && FINAL.includes(error.code)) break
    }
    if (pending.length > 0) await this.#remember()
    return [...new Set(this.#failed.values())]
  }

  async #one(action: Action, unavailable: BuildStackError | undefined): Promise<BuildStackError | undefined> {
    const { host } = this.#prepared.plan
    const started = performance.now()
    const at = { host, recipe: action.recipe, version: action.version }
    const end = (
      result: 'kept' | 'done' | 'failed' | 'skipped',
      more: { error?: BuildStackError; because?: string } = {},
    ) => {
      const seconds = (performance.now() - started) / 1000
      this.#context.emit({ type: 'recipe-end', ...at, result, seconds, ...more })
    }
    if (action.kind === 'keep') {
      end('kept')
      return undefined
    }
    const broken = Object.keys(action.build.dependencies).find((name) => this.#failed.has(name))
    if (broken) {
      this.#failed.set(action.recipe, this.#failed.get(broken) as BuildStackError)
      end('skipped', { because: `${broken} failed` })
      return undefined
    }
    try {
      if (action.onlyWithout && (await this.#missing(action.onlyWithout)).length === 0) {
        end('kept', { because: `${action.onlyWithout.join(', ')} is still there` })
        return undefined
      }
      this.#context.emit({ type: 'recipe-start', action, ...at })
      if (unavailable) throw unavailable
      this.#measured[action.recipe] = await this.#act(action)
      end('done')
      return undefined
    } catch (error) {
      if (!(error instanceof BuildStackError)) throw error
      const named = error.with({ host, recipe: `${action.recipe} ${action.version}` })
      this.#failed.set(action.recipe, named)
      end('failed', { error: named })
      return named
    }
  }

  /** Builds, or waits for the package of a host that builds just this, or installs a package that is there. */
  async #act(action: Action): Promise<Expected> {
    const name = packageName(action.build)
    const { shared, store } = this.#context
    if (action.package?.at === 'controller') {
      const stored = await store.get(action.package.name)
      if (stored) return this.#carryOut(action, { package: stored })
      // Damaged, and removed: the way without it still is there.
      return this.#build({ ...action, package: undefined })
    }
    if (!this.#compiles(action) || !shared.isShared(name)) return this.#build(action)
    const elsewhere = shared.elsewhere(name)
    // Without a pause between the look and the build of this host: another one would look in it, too.
    if (elsewhere && (await elsewhere)) {
      const stored = await store.get(name)
      const unfit = floorProblem(stored?.info.receipt.links?.floor, this.#prepared.context.facts)
      if (stored && unfit === undefined)
        return this.#carryOut({ ...action, package: { name, at: 'controller' } }, { package: stored })
    }
    return shared.build(name, async () => {
      const result = await this.#build(action)
      const stored = await downloadPackage(this.#line.transport(), action.build.prefix, name, store)
      return { result, stored }
    })
  }

  #build(given: Omit<Action, 'package'> & { package?: Action['package'] | undefined }): Promise<Expected> {
    const { package: found, ...rest } = given
    return this.#carryOut(found ? { ...rest, package: found } : rest, {})
  }

  #carryOut(action: Action, { package: stored }: { package?: StoredPackage }): Promise<Expected> {
    const input = async (): Promise<ActionInput> => ({
      source: this.#compiles(action) ? await this.#context.sources.get(action, () => {}) : undefined,
      package: stored,
      receipt: this.#context.receipts?.[action.recipe],
    })
    return carryOut(action, input, {
      prepared: this.#prepared,
      line: this.#line,
      emit: this.#context.emit,
      signal: this.#context.signal,
      runName: runNameOn(this.#prepared, this.#context.runName),
      sudoPassword: this.#sudoPassword,
      expected: this.#expected[action.recipe],
    })
  }

  #compiles(action: Action): boolean {
    return isCompiled(action.kind) && !action.package
  }

  async #missing(libraries: readonly string[]): Promise<string[]> {
    return missingLibraries(libraries, (await this.#probe()).receipts)
  }

  #probe(): Promise<Facts> {
    return probeHost(this.#prepared.context.host, this.#line.transport())
  }

  #requireAll(pending: Action[]): void {
    const { facts, host } = this.#prepared.context
    const compiled = pending.filter((action) => this.#compiles(action))
    const missing = missingTools(
      compiled.map((action) => action.build),
      facts,
      host.name,
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
      this.#line.transport(),
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
