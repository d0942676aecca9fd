/** What every command that changes hosts shares: reporter, Ctrl-C, connections, the run itself, the exit status. */
import { randomBytes } from 'node:crypto'
import type { Start } from '../build/keptSteps.ts'
import type { Host } from '../config/hosts.ts'
import type { Project } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import { ControllerStore } from '../packages/controllerStore.ts'
import { cacheFolder } from '../paths.ts'
import { isPending } from '../plan/makePlan.ts'
import type { Plan } from '../plan/plan.ts'
import { SudoPasswords } from '../privilege/sudoPasswords.ts'
import type { Facts } from '../probe/facts.ts'
import { connectHost } from '../run/connectHost.ts'
import type { Prepared } from '../run/prepareHost.ts'
import { errorsOf, runRolling } from '../run/run.ts'
import type { HostResult } from '../run/runHost.ts'
import { Sources } from '../run/sources.ts'
import { batchesOf, type Rolling } from '../schedule/batches.ts'
import type { Transport } from '../transports/transport.ts'
import { byWhom } from './byWhom.ts'
import { packageStores } from './packageStores.ts'
import type { BuildOptions } from './program.ts'
import { wantsColor } from './report/color.ts'
import { chooseReporter, createReporter } from './report/reporter.ts'
import { statusOf } from './reportError.ts'
import { Stopping } from './stopping.ts'
import { sshInteraction } from './terminal.ts'

/** Exit status of a dry run that has found something to do. */
const CHANGES_PENDING = 2

/** Milliseconds. */
const HOUR = 3_600_000

/** Of --wait without a number. */
const WAIT_MINUTES = 60

export type RunOptions = Pick<
  BuildOptions,
  | 'json'
  | 'verbose'
  | 'dryRun'
  | 'acceptNewHostKeys'
  | 'offline'
  | 'sources'
  | 'pager'
  | 'wait'
  | 'jobs'
  | 'hostsAtOnce'
  | 'failFast'
  | 'serial'
  | 'canary'
>

export interface PreparedRun {
  /** Facts -> plan, for each host. */
  prepare: (host: Host, facts: Facts, transport: Transport, surroundings: Surroundings) => Promise<Prepared>
  /** Where builds begin that an earlier job had begun; where it can without it. */
  start?: Start
  /** Of a saved plan; by chance without it. */
  name?: string
  /** What a dry run ends with, where something is pending. */
  next?: string
  /** Called with the plans of all hosts when each has one. */
  planned?: (hosts: PlannedHost[]) => Promise<void>
}

export interface PlannedHost {
  host: Host
  facts: Facts
  plan: Plan
}

export interface Surroundings {
  /** user@machine */
  by: string
  /** Name of the run, for the hosts' histories. */
  run: string
  store: ControllerStore
}

/** @returns the exit status. */
export async function runPlans(
  project: Project,
  hosts: Host[],
  options: RunOptions,
  { prepare, start, planned, next, name }: PreparedRun,
): Promise<number> {
  const rolling = rollingOf(hosts, options)
  // A plan is shown for all hosts at once.
  const batches = options.dryRun ? [hosts] : batchesOf(hosts, rolling)
  const color = wantsColor(process.stdout.isTTY, process.env)
  const kind = chooseReporter({
    json: options.json,
    verbose: options.verbose,
    isTTY: process.stdout.isTTY,
    env: process.env,
  })
  const reporter = await createReporter(options.dryRun && kind === 'live' ? 'plain' : kind, process.stdout, {
    hosts: hosts.map((host) => host.name),
    color,
    verbose: options.verbose,
  })
  const by = byWhom()
  let results: HostResult[]
  const interaction = sshInteraction(options.acceptNewHostKeys, (question) => reporter.aside(question))
  const connect = (host: Host, signal?: AbortSignal) =>
    connectHost(host, {
      ...{ hosts: project.hosts, interaction, env: process.env },
      signal: signal ?? new AbortController().signal,
    })
  const stop = new Stopping({
    ...{ hosts, by, connect },
    aside: (question) => reporter.aside(question),
  })
  try {
    const stores = await packageStores(project, {
      ...{ offline: options.offline, signal: stop.signal },
      onNote: (text) => void reporter.aside(async () => void process.stderr.write(`${text}\n`)),
    })
    const surroundings = { by, run: name ?? randomBytes(4).toString('hex'), store: stores.packages }
    // Only a dry run asks more of a host than its plan needs; packages of the store stay there.
    const preview = options.dryRun ? await previewer(new ControllerStore(cacheFolder('packages'))) : undefined
    results = await runRolling(batches, {
      bounds: { jobs: options.jobs, hostsAtOnce: options.hostsAtOnce, failFast: options.failFast ?? false },
      held: stop.held,
      dryRun: options.dryRun,
      waitMinutes: options.wait === true ? WAIT_MINUTES : (options.wait ?? 0),
      connect: (host) => connect(host, stop.signal),
      prepare: async (host, facts, transport) => {
        const prepared = await prepare(host, facts, transport, surroundings)
        return preview ? { ...prepared, preview: await preview(prepared, transport) } : prepared
      },
      sources: new Sources({
        ...{ offline: options.offline, sourceFolder: options.sources, signal: stop.signal },
        shared: stores.sources,
      }),
      store: stores.packages,
      sudoPasswords: new SudoPasswords(interaction.askSecret),
      start: start ?? { at: 'change' },
      // A dry run's result is its plan; only what went wrong is worth a line beside it.
      emit: (event) => {
        stop.event(event)
        if (!options.dryRun || options.json || 'error' in event) reporter.event(event)
      },
      signal: stop.signal,
    })
    await stores.close()
  } finally {
    await reporter.end()
    stop.end()
  }
  if (options.dryRun && !options.json) await printPlans(results, { color, ...options, ...(next && { next }) })
  if (!options.dryRun && results.some(({ plan }) => plan && isPending(plan))) await keepLimits(project)
  const errors = errorsOf(results)
  if (errors) return statusOf(errors)
  await planned?.(hosts.flatMap((host, index) => plannedHost(host, results[index])))
  return options.dryRun && results.some(({ plan }) => plan && isPending(plan)) ? CHANGES_PENDING : 0
}

/** @throws BuildStackError USAGE for a canary that the run is not for. */
function rollingOf(hosts: readonly Host[], { serial, canary = [] }: RunOptions): Rolling {
  const stray = canary.find((name) => hosts.every((host) => host.name !== name))
  if (stray === undefined) return { serial, canaries: canary }
  throw new BuildStackError('USAGE', `--canary ${stray}: this run is not for that host`, {
    next: `name hosts of the run: ${hosts.map(({ name }) => name).join(', ')}`,
  })
}

/** After what a run has brought. What another run may be using is spared; a failure here is none of the run: gc tells it. */
async function keepLimits({ cache }: Project): Promise<void> {
  const { cleanController } = await import('../cleanup/controllerCleanup.ts')
  const options = { dryRun: false, now: new Date(), sparing: HOUR }
  await cleanController(cacheFolder(), cache, options).catch(() => {})
}

function plannedHost(host: Host, result: HostResult | undefined): PlannedHost[] {
  const { plan, facts } = result ?? {}
  return plan && facts ? [{ host, facts, plan }] : []
}

async function previewer(store: ControllerStore) {
  const [{ previewHost }, { PreviewSources }] = await Promise.all([
    import('../run/previewHost.ts'),
    import('../run/previewSources.ts'),
  ])
  const sources = new PreviewSources(store)
  return (prepared: Prepared, transport: Transport) => previewHost(prepared, transport, sources)
}

async function printPlans(
  results: HostResult[],
  options: { color: boolean; verbose: boolean; pager?: boolean; next?: string },
): Promise<void> {
  const [{ renderPlans }, { showPaged }] = await Promise.all([
    import('../plan/render.ts'),
    import('./pager.ts'),
  ])
  const plans = results.flatMap(({ plan, preview }) => (plan ? { plan, preview } : []))
  if (plans.length === 0) return
  const text = renderPlans(plans, options)
  await showPaged(text, process.stdout, { pager: options.pager ?? true, env: process.env })
}
