/** Wanted builds + receipts -> plan. Pure: the same input gives the same plan. */
import { compareVersions } from '../config/version.ts'
import type { Build } from '../desired/build.ts'
import { packageName } from '../packages/package.ts'
import type { Facts } from '../probe/facts.ts'
import type { Inputs, Receipt } from '../receipts/receipt.ts'
import {
  type Action,
  type ActionKind,
  type ActionPackage,
  type Change,
  PLAN_FORMAT,
  type Plan,
} from './plan.ts'
import { type Relink, relinkOf } from './relink.ts'

/** Titles of an action's steps; build/job.ts knows them, and this file must not know jobs. */
export type StepTitles = (action: Omit<Action, 'steps'>) => string[]

/** Packages that could be installed instead of a build, by the build's package name. */
export interface KnownPackages {
  find(name: string): (ActionPackage & { provides: readonly string[] | undefined }) | undefined
  /** What the host lacks for a package that is there and thus not found. */
  unfit?(name: string): string | undefined
}

export interface Wanted {
  host: string
  prefix: string
  platform: string
  /** In build order. */
  builds: Build[]
}

export function makePlan(
  wanted: Wanted,
  facts: Pick<Facts, 'receipts' | 'damagedReceipts' | 'services'>,
  stepTitles: StepTitles,
  packages: KnownPackages = { find: () => undefined },
): Plan {
  const changing = new Set<string>()
  const services = new Set(facts.services.map((service) => service.fmri))
  const builds = new Map(wanted.builds.map((build) => [build.recipe, build]))
  const found = (build: Build) => packages.find(packageName(build))
  const provides = (recipe: string) => {
    const build = builds.get(recipe)
    return build && found(build)?.provides
  }
  // In build order: what a recipe is linked to is decided before it.
  const actions = wanted.builds.map((build): Action => {
    const receipt = facts.receipts[build.recipe]
    const changes = receipt ? changesOf(receipt, build) : []
    const gone = receipt ? servicesGone(receipt, services) : []
    const relink =
      receipt && relinkOf(build, receipt, { receipts: facts.receipts, builds, changing, provides })
    const kind = kindOf(build, receipt, changes, gone, relink)
    if (isCompiled(kind)) changing.add(build.recipe)
    const known = isCompiled(kind) ? found(build) : undefined
    const unfit = isCompiled(kind) && !known ? packages.unfit?.(packageName(build)) : undefined
    const action = {
      recipe: build.recipe,
      version: build.version,
      ...(receipt && { installed: receipt.version }),
      kind,
      reasons: [
        ...(receipt
          ? reasonsOf(build, receipt, changes, gone)
          : [notInstalled(facts.damagedReceipts[build.recipe])]),
        ...(kind === 'relink' && relink ? [relink.reason] : []),
        ...(unfit === undefined ? [] : [`built here: the package of it needs ${unfit}`]),
      ],
      changes,
      build,
      ...(known && { package: { name: known.name, at: known.at } }),
      ...(kind === 'relink' && relink?.onlyWithout && { onlyWithout: relink.onlyWithout }),
    }
    return { ...action, steps: kind === 'keep' ? [] : stepTitles(action) }
  })
  return { format: PLAN_FORMAT, host: wanted.host, prefix: wanted.prefix, platform: wanted.platform, actions }
}

/** Whether the recipe's own files are built and replaced, and not only what belongs to its services and configuration. */
export function isCompiled(kind: ActionKind): boolean {
  return !['keep', 'update', 'remove', 'adopt'].includes(kind)
}

export function isPending(plan: Plan): boolean {
  return plan.actions.some((action) => action.kind !== 'keep')
}

/** Services of the receipt that the supervisor does not know any more: somebody deleted them by hand. */
function servicesGone(receipt: Receipt, known: ReadonlySet<string>): string[] {
  return receipt.services.map((service) => service.fmri).filter((fmri) => !known.has(fmri))
}

function kindOf(
  build: Build,
  receipt: Receipt | undefined,
  changes: Change[],
  gone: string[],
  relink: Relink | undefined,
): ActionKind {
  if (!receipt) return 'install'
  if (changes.some((change) => change.part === 'build')) {
    const order = compareVersions(build.version, receipt.version)
    if (order > 0) return 'upgrade'
    return order < 0 ? 'downgrade' : 'rebuild'
  }
  if (relink) return 'relink'
  return changes.length > 0 || gone.length > 0 ? 'update' : 'keep'
}

/** What a build has otherwise than what the receipt was made from. */
export function changesOf(receipt: Receipt, build: Pick<Build, 'inputs'>): Change[] {
  const changes: Change[] = []
  for (const part of ['build', 'files', 'services'] as const) {
    addDifferences(changes, part, receipt.inputs[part], build.inputs[part])
  }
  return changes
}

/** Labels that differ, in the order of the new inputs, then those that are gone. */
function addDifferences(changes: Change[], part: Change['part'], before: Inputs, after: Inputs): void {
  // For each recipe of each host, and mostly for nothing: no lists are made of what is equal.
  for (const label in after) {
    const [old, value] = [before[label], after[label] as string]
    if (old === value) continue
    changes.push({ part, label, ...(old !== undefined && { old }), new: value })
  }
  for (const label in before) {
    if (!(label in after)) changes.push({ part, label, old: before[label] as string })
  }
}

function notInstalled(damage: string | undefined): string {
  return damage === undefined ? 'not installed' : `its receipt is damaged: ${damage}`
}

function reasonsOf(build: Build, receipt: Receipt, changes: Change[], gone: string[]): string[] {
  return [
    ...changes.map((change) => reasonOf(change, build, receipt)),
    ...gone.map((identifier) => `${identifier} is not there any more`),
  ]
}

function reasonOf(change: Change, build: Build, receipt: Receipt): string {
  if (change.label === 'version') return `version ${receipt.version} -> ${build.version}`
  const verb = change.old === undefined ? 'added' : change.new === undefined ? 'removed' : 'changed'
  if (change.part === 'files' && change.label.startsWith('/'))
    return `configuration file ${change.label} ${verb}`
  if (change.part === 'services') return `service ${change.label} ${verb} (nothing is compiled for it)`
  if (change.label === 'source') return 'checksum of the source changed'
  if (change.label === 'prefix' || change.label === 'platform')
    return `${change.label} ${change.old} -> ${change.new}`
  return `${change.label} ${verb}`
}
