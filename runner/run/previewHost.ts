/** A planned host -> what a dry run shows of it besides the plan. One exec where something is pending, none otherwise. */
import { createHash } from 'node:crypto'
import { droppedFiles, supervised } from '../build/installSteps.ts'
import { keptTextPaths } from '../build/keptTexts.ts'
import { type Drift, driftOf } from '../plan/drift.ts'
import { durationOf, type ServiceSet, secondsOf, serviceForecasts } from '../plan/estimate.ts'
import { fileForecast, filesOfArchive } from '../plan/fileForecast.ts'
import { isCompiled, isServiceVerb } from '../plan/makePlan.ts'
import type { Action } from '../plan/plan.ts'
import type { ActionPreview, KeptFile, Preview } from '../plan/preview.ts'
import { strangers } from '../plan/serviceOwners.ts'
import { textChanges } from '../plan/textChanges.ts'
import { serviceComponent } from '../receipts/receipt.ts'
import type { ServiceFile } from '../services/supervisor.ts'
import type { Transport } from '../transports/transport.ts'
import { configurationFiles, relativeTo } from '../verify/lookCommand.ts'
import { runningJob } from './actionJob.ts'
import { diskNeeds } from './diskNeeds.ts'
import type { HostInventory } from './inventory.ts'
import type { Prepared } from './prepareHost.ts'
import { type PreviewAnswer, parsePreview, previewCommand } from './previewAnswer.ts'
import type { ArchiveTree, PreviewSources } from './previewSources.ts'
import { recordedFor } from './recordedRuns.ts'

const NOTHING: PreviewAnswer = { texts: new Map(), lists: new Map(), packages: new Map(), configuration: [] }

export async function previewHost(
  prepared: Prepared,
  transport: Transport,
  sources: PreviewSources,
): Promise<Preview> {
  const { plan, context } = prepared
  const pending = plan.actions.filter(({ kind }) => kind !== 'keep')
  const services = await serviceFiles(pending, prepared)
  const answer = pending.length > 0 ? await ask(pending, services, prepared, transport) : NOTHING
  const archives = await archivesOf(pending, answer, sources)
  const inventories = pending.length > 0 ? await sources.inventories() : []
  const actions = pending.map((action): [string, ActionPreview] => [
    action.recipe,
    previewOf(action, { prepared, answer, archives, services, inventories }),
  ])
  const known = {
    ownJobs: pending.flatMap((action) => runningJob(action, prepared) ?? []),
    leftDisabled: leftDisabled(prepared),
  }
  return {
    actions: Object.fromEntries(actions),
    drift: [
      ...driftOf(plan, context.facts, known),
      ...strangerDrift(pending, prepared),
      ...configurationDrift(answer, Object.fromEntries(actions)),
    ],
    disk: diskNeeds(pending, { prepared, archives, lists: answer.lists, inventories }),
  }
}

interface Known {
  prepared: Prepared
  answer: PreviewAnswer
  /** By the name of the package. */
  archives: ReadonlyMap<string, ArchiveTree>
  /** By recipe, then by service. */
  services: Readonly<Record<string, Record<string, ServiceFile[]>>>
  inventories: readonly HostInventory[]
}

function previewOf(
  action: Action,
  { prepared, answer, archives, services, inventories }: Known,
): ActionPreview {
  const { host, facts } = prepared.context
  const receipt = facts.receipts[action.recipe]
  const recorded = recordedFor(action, host.name, inventories)
  const seconds = recorded ? secondsOf(action, recorded, host.name, facts.cpus) : {}
  const definitions = Object.values(services[action.recipe] ?? {}).flat()
  const packed = action.package && archives.get(action.package.name)?.files
  const after = action.kind === 'remove' ? [] : packed && [...packed, ...definitions.map(({ path }) => path)]
  return {
    texts: textChanges(action, receipt, {
      onHost: (path) => answer.texts.get(path),
      patch: (file) => patchText(file, action, prepared),
      services: services[action.recipe] ?? {},
    }),
    files:
      isCompiled(action.kind) || action.kind === 'remove'
        ? fileForecast(filesBefore(action, host.prefix, answer), after)
        : undefined,
    services:
      isServiceVerb(action.kind) || facts.servicesUnknown !== undefined
        ? []
        : serviceForecasts(action, seconds, serviceSet(action, prepared)),
    duration: recorded && durationOf(action.steps, seconds, recorded.host),
    packageOf: action.package?.at === 'controller' ? builderOf(action.package.name, inventories) : undefined,
    kept: keptFiles(
      action,
      answer,
      isServiceVerb(action.kind) ? [] : droppedFiles(action.build, prepared.context),
    ),
  }
}

/** What is recorded of the recipe and of its services' definitions; with a removal also what goes of its configuration. */
function filesBefore({ recipe, kind }: Action, prefix: string, answer: PreviewAnswer): string[] {
  const listed = [recipe, serviceComponent(recipe)].flatMap((component) =>
    (answer.lists.get(component) ?? []).flatMap(({ type, path }) => (type === 'folder' ? [] : path)),
  )
  if (kind !== 'remove') return listed
  const unchanged = answer.configuration.filter((one) => one.recipe === recipe && one.state === 'same')
  return [...listed, ...unchanged.map(({ path }) => relativeTo(prefix, path) ?? path)]
}

/** What this machine has may be a later one than that of a package which comes back. */
function patchText(file: string, { build }: Action, { patchContent }: Prepared): string | undefined {
  const wanted = build.patches.find((patch) => patch.file === file)?.sha256
  if (wanted === undefined) return undefined
  const content = patchContent(file)
  return createHash('sha256').update(content).digest('hex') === wanted ? content.toString('utf8') : undefined
}

function builderOf(name: string, inventories: readonly HostInventory[]): string | undefined {
  return inventories.find(({ receipts }) => Object.values(receipts).some((one) => one.package === name))?.host
}

function serviceSet(action: Action, { context, plan }: Prepared): ServiceSet {
  const { facts, supervisor } = context
  const recorded = facts.receipts[action.recipe]?.services ?? []
  const gone = action.kind === 'remove' ? recorded : (supervised(action.build, context)?.gone ?? [])
  return {
    state(name) {
      const identifier = supervisor?.identifier({ name })
      return facts.services.find(({ fmri }) => fmri === identifier)?.state
    },
    gone: gone.map(({ fmri }) => fmri),
    coming: new Set(
      plan.actions.flatMap(({ kind, build }) =>
        kind === 'install' ? build.services.map(({ name }) => name) : [],
      ),
    ),
  }
}

/** What an interrupted switch has left is not told from what somebody made. */
function strangerDrift(pending: Action[], { context: { facts, supervisor } }: Prepared): Drift[] {
  if (!supervisor || facts.journals.length > 0) return []
  const builds = pending.filter(({ kind }) => kind !== 'adopt').map(({ build }) => build)
  return strangers(builds, facts, supervisor).map(({ recipe, fmri }) => ({
    kind: 'service',
    recipe,
    message: `${fmri} is there already, and is in no receipt: a run refuses it, unless a run that was cut off left it`,
  }))
}

function leftDisabled({ plan, context: { supervisor } }: Prepared): Set<string> {
  const services = plan.actions.flatMap(({ build }) => build.services.filter(({ enabled }) => !enabled))
  return new Set(services.flatMap((service) => supervisor?.identifier(service) ?? []))
}

/** A removal has none. */
async function serviceFiles(pending: Action[], { context }: Prepared): Promise<Known['services']> {
  const found: Record<string, Record<string, ServiceFile[]>> = {}
  for (const { recipe, build, kind } of pending) {
    if (kind === 'remove') continue
    const services = supervised(build, context)
    const files = (services?.contexts ?? []).map(
      async (one) => [one.service.name, (await services?.supervisor.files(one)) ?? []] as const,
    )
    found[recipe] = Object.fromEntries(await Promise.all(files))
  }
  return found
}

async function ask(
  pending: Action[],
  services: Known['services'],
  { context: { host, facts } }: Prepared,
  transport: Transport,
): Promise<PreviewAnswer> {
  const replaced = pending.flatMap(({ recipe }) => facts.receipts[recipe] ?? [])
  const definitions = Object.values(services).flatMap((one) => Object.values(one).flat())
  const recorded = configurationFiles(facts)
  const fresh = pending
    .flatMap(({ build }) => build.files.map(({ path }) => ({ recipe: build.recipe, path })))
    .filter(({ path }) => !/[\t\n]/.test(path) && !recorded.some((one) => one.path === path))
  const { command, stdin } = previewCommand(host, facts, {
    texts: [
      ...replaced.flatMap(keptTextPaths),
      // What comes back with a rollback is there since it was first installed.
      ...pending.flatMap(({ build }) => keptTextPaths(build)),
      ...definitions.map(({ path }) => `${host.prefix}/${path}`),
    ],
    lists: replaced.flatMap(({ recipe }) => [recipe, serviceComponent(recipe)]),
    packages: pending.flatMap(({ package: found }) => (found?.at === 'host' ? found.name : [])),
    configuration: [...recorded, ...fresh],
  })
  const { stdout } = await transport.exec(command, { stdin })
  // A dry run is not worth less without it: what is not known is not shown.
  return parsePreview(stdout.toString('utf8')) ?? NOTHING
}

async function archivesOf(
  pending: Action[],
  answer: PreviewAnswer,
  sources: PreviewSources,
): Promise<Map<string, ArchiveTree>> {
  const found = new Map<string, ArchiveTree>()
  for (const [name, members] of answer.packages) {
    found.set(name, { files: filesOfArchive(members), bytes: undefined })
  }
  for (const { package: wanted } of pending) {
    const tree = wanted?.at === 'controller' ? await sources.archive(wanted.name) : undefined
    if (wanted && tree) found.set(wanted.name, tree)
  }
  return found
}

/** Of the configuration files that the action brings or takes away. */
function keptFiles(
  { recipe, build, changes, kind }: Action,
  { configuration }: PreviewAnswer,
  dropped: readonly string[],
): KeptFile[] {
  return configuration.flatMap((one): KeptFile[] => {
    if (one.recipe !== recipe) return []
    if (dropped.includes(one.path) && ['changed', 'link'].includes(one.state))
      return [{ path: one.path, because: 'dropped' }]
    if (!build.files.some(({ path }) => path === one.path)) return []
    if (kind === 'install') {
      return one.state === 'missing' || one.state === 'same' ? [] : [{ path: one.path, because: 'not ours' }]
    }
    if (!changes.some(({ label }) => label === one.path)) return []
    if (one.state === 'changed') return [{ path: one.path, because: 'edited' }]
    return one.state === 'link' ? [{ path: one.path, because: 'link' }] : []
  })
}

const BY_HAND: Record<string, string> = {
  changed: 'was edited by hand',
  link: 'is a link now',
  folder: 'is a folder now',
}

/** Files that an action keeps are told there. */
function configurationDrift(answer: PreviewAnswer, actions: Record<string, ActionPreview>): Drift[] {
  return answer.configuration.flatMap(({ recipe, state, newBeside, path }): Drift[] => {
    const told = actions[recipe]?.kept.some((one) => one.path === path)
    const edited: Drift[] =
      state in BY_HAND && !told
        ? [{ kind: 'configuration', recipe, message: `${path} ${BY_HAND[state]}` }]
        : []
    const pending: Drift[] = newBeside
      ? [{ kind: 'pending', recipe, message: `${path}.new waits to be merged` }]
      : []
    return [...edited, ...pending]
  })
}
