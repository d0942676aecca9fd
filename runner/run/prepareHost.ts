/** A connected host -> its facts and the plan for it. The decisions are made by pure code; this file only brings them their input. */
import { adoptionTitles } from '../build/adoption.ts'
import { stepTitles } from '../build/job.ts'
import type { JobContext } from '../build/jobFolder.ts'
import { knownTitles } from '../build/knownTitles.ts'
import { removalTitles } from '../build/removal.ts'
import { serviceTitles } from '../build/serviceJob.ts'
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import type { Build } from '../desired/build.ts'
import { platformOf } from '../desired/makeBuild.ts'
import { requireSecrets, secretsOf } from '../desired/secrets.ts'
import { wantedBuilds } from '../desired/wantedBuilds.ts'
import { BuildStackError } from '../errors.ts'
import type { ControllerStore, FoundPackage } from '../packages/controllerStore.ts'
import { floorProblem } from '../packages/floor.ts'
import { packageName } from '../packages/package.ts'
import { isCompiled, isServiceVerb, type KnownPackages, makePlan, type StepTitles } from '../plan/makePlan.ts'
import type { Conflicts, Plan } from '../plan/plan.ts'
import type { Preview } from '../plan/preview.ts'
import { requireFreeNames } from '../plan/serviceOwners.ts'
import type { Facts } from '../probe/facts.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { supervisors } from '../services/index.ts'
import type { Supervisor } from '../services/supervisor.ts'
import { readableMarks } from './secretMarks.ts'

export interface Prepared {
  plan: Plan
  /** With a dry run. */
  preview?: Preview
  context: JobContext
  /** Contents of the patches that the plan's builds name. */
  patchContent: (file: string) => Buffer
  /** Receipts that come back with a rollback, by recipe. */
  receipts?: Readonly<Record<string, Receipt>>
}

export interface PrepareOptions {
  recipes: ReadonlyMap<string, LoadedRecipe>
  only: readonly string[]
  /** user@machine */
  by: string
  /** Name of the run, for the history. */
  run: string
  /** Where packages of other hosts' builds are; undefined to build anew whatever packages there are. */
  packages: ControllerStore | undefined
  /** What is done with files of nobody that are in the way. */
  conflicts?: Conflicts | undefined
  /** Recipes that are installed anew whatever is there. */
  reinstall?: readonly string[]
}

export async function prepareHost(host: Host, facts: Facts, options: PrepareOptions): Promise<Prepared> {
  const supervisor = facts.supervisor && supervisors[facts.supervisor]
  const list = wantedBuilds(host, options.recipes, facts, options.only)
  const secrets = secretsOf(list)
  requireSecrets(secrets, host, (name) => {
    const asking = list.find((build) => secretsOf([build]).includes(name))
    return asking && options.recipes.get(asking.recipe)?.placeOf(`secret.${name}`)
  })
  const { by, run } = options
  const secretMarks = readableMarks(secrets, host)
  const context: JobContext = { host, facts, supervisor, by, run, secrets: {}, secretMarks }
  const [anyRecipe] = options.recipes.values()
  const patchContent = anyRecipe?.patchContent ?? (() => Buffer.alloc(0))
  requireSupervisor(list, host, context)
  if (supervisor) requireFreeNames(list, facts, supervisor, host.name)
  const wanted = {
    host: host.name,
    prefix: host.prefix,
    platform: platformOf(facts),
    builds: list,
    reinstall: options.reinstall ?? [],
    secretMarks,
  }
  const planned = (packages?: KnownPackages) => makePlan(wanted, facts, knownTitles(context), packages)
  const first = planned()
  // Packages stand in for what is compiled. Where nothing is, no file is read for them, and no other machine is asked.
  const store = first.actions.some(({ kind }) => isCompiled(kind)) ? options.packages : undefined
  const plan = store ? planned(await knownPackages(list, facts, store)) : first
  return { plan: withConflicts(plan, options.conflicts), context, patchContent }
}

function withConflicts(plan: Plan, conflicts: Conflicts | undefined): Plan {
  if (!conflicts) return plan
  return {
    ...plan,
    actions: plan.actions.map((action) => (isCompiled(action.kind) ? { ...action, conflicts } : action)),
  }
}

/** For a plan that is made of receipts and packages alone. */
export function contextFor(
  host: Host,
  facts: Facts,
  { by, run }: { by: string; run: string },
  plan: (titles: StepTitles) => Plan,
): Prepared {
  const supervisor = facts.supervisor && supervisors[facts.supervisor]
  const context: JobContext = { host, facts, supervisor, by, run, secrets: {}, secretMarks: {} }
  const titles: StepTitles = (action) => {
    if (action.kind === 'remove') return removalTitles(action, context)
    if (isServiceVerb(action.kind)) return serviceTitles(action, context)
    return action.kind === 'adopt' ? adoptionTitles(action, context) : stepTitles(action, context)
  }
  return { plan: plan(titles), context, patchContent: () => Buffer.alloc(0) }
}

/** The host's own packages come first: they need not be sent. */
async function knownPackages(builds: Build[], facts: Facts, store: ControllerStore): Promise<KnownPackages> {
  const onHost = new Set(facts.packages)
  const look = async (build: Build): Promise<FoundPackage | undefined> => {
    const name = packageName(build)
    // The store that controllers share may be far: it is not asked for what the host has, or never packs.
    if (!onHost.has(name) && !('packages' in build.source)) return store.find(name)
    const info = await store.info(name)
    return info && { info, at: 'controller' }
  }
  const found = await Promise.all(
    builds.map(async (build) => [packageName(build), await look(build)] as const),
  )
  const known = new Map(found)
  const unfit = (name: string) => floorProblem(known.get(name)?.info.receipt.links?.floor, facts)
  return {
    unfit,
    find(name) {
      const { info, at } = known.get(name) ?? {}
      const provides = info?.receipt.links?.provides
      if (onHost.has(name)) return { name, at: 'host', provides }
      return at && unfit(name) === undefined ? { name, at, provides } : undefined
    },
  }
}

function requireSupervisor(builds: Build[], host: Host, { supervisor }: JobContext): void {
  const first = builds.find((build) => build.services.length > 0)
  if (!first) return
  if (supervisor) {
    requireAble(builds, host, supervisor)
    return
  }
  throw new BuildStackError(
    'PREREQUISITE',
    `the host has no supervisor for the service of ${first.recipe} (looked for SMF and daemontools)`,
    {
      host: host.name,
      recipe: `${first.recipe} ${first.version}`,
      next: 'use a host that has SMF (svcs, svcadm, svccfg on the PATH of hosts.yaml) or daemontools, or say "supervisor: daemontools" in hosts.yaml and let the recipe daemontools build it',
    },
  )
}

function requireAble(builds: Build[], host: Host, supervisor: Supervisor): void {
  for (const { recipe, version, services } of builds) {
    for (const service of services) {
      const problem = supervisor.problem(service)
      if (problem === undefined) continue
      throw new BuildStackError(
        'PREREQUISITE',
        `${supervisor.name} cannot run the service ${service.name}: ${problem}`,
        {
          host: host.name,
          recipe: `${recipe} ${version}`,
          next: 'describe the service so that it can, or give it a "when: { supervisor: ... }"',
        },
      )
    }
  }
}
