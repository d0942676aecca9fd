/** Wanted builds + receipts -> plan. Pure: the same input gives the same plan. */
import { compareVersions } from '../config/version.ts'
import type { Build } from '../desired/build.ts'
import { changedSecrets, marksOf, type SecretMarks } from '../desired/secretMarks.ts'
import { secretsOf } from '../desired/secrets.ts'
import { packageName } from '../packages/package.ts'
import type { Facts } from '../probe/facts.ts'
import { type Inputs, type Receipt, serviceComponent } from '../receipts/receipt.ts'
import type { ServiceVerb } from '../services/supervisor.ts'
import { damageOf, damageReasons, type RecipeDamage } from './damage.ts'
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
  /** Recipes that are installed anew whatever is there. */
  reinstall?: readonly string[]
  /** Of the secrets whose values are known now. */
  secretMarks?: SecretMarks
}

export function makePlan(
  wanted: Wanted,
  facts: Pick<Facts, 'receipts' | 'damagedReceipts' | 'damage' | 'journals' | 'services' | 'servicesUnknown'>,
  stepTitles: StepTitles,
  packages: KnownPackages = { find: () => undefined },
): Plan {
  const changing = new Set<string>()
  const services =
    facts.servicesUnknown === undefined ? new Set(facts.services.map((service) => service.fmri)) : undefined
  const builds = new Map(wanted.builds.map((build) => [build.recipe, build]))
  const packageOf = (build: Build) => packages.find(packageName(build))
  const provides = (recipe: string) => {
    const build = builds.get(recipe)
    return build && packageOf(build)?.provides
  }
  const links = { receipts: facts.receipts, builds, changing, provides }
  const findingsOf = (build: Build, receipt: Receipt): Findings => ({
    changes: [...changesOf(receipt, build), ...secretChanges(receipt, build, wanted)],
    gone: servicesGone(receipt, services),
    relink: relinkOf(build, receipt, links),
    damage: damageOf(build.recipe, facts.damage),
    again: (wanted.reinstall ?? []).includes(build.recipe),
    cut: facts.journals.some((name) => isOf(name, build.recipe)),
  })
  // In build order: what a recipe is linked to is decided before it.
  const actions = wanted.builds.map((build): Action => {
    const receipt = facts.receipts[build.recipe]
    const found = receipt ? findingsOf(build, receipt) : NOTHING
    const { changes, gone, relink, again, cut } = found
    const kind = kindOf(build, receipt, found)
    if (receipt && kind === 'keep') return kept(build, receipt)
    // A repair brings the same libraries again.
    if (isCompiled(kind) && kind !== 'repair') changing.add(build.recipe)
    const damaged = [...found.damage.files, ...found.damage.others]
    const known = isCompiled(kind) ? packageOf(build) : undefined
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
        ...damageReasons(damaged),
        ...(kind === 'repair' && cut ? ['its switch was interrupted'] : []),
        ...(kind === 'repair' && again ? ['asked for: --reinstall'] : []),
        ...(kind === 'relink' && relink ? [relink.reason] : []),
        ...(unfit === undefined ? [] : [`built here: the package of it needs ${unfit}`]),
      ],
      changes,
      ...(damaged.length > 0 && { damage: damaged }),
      build,
      ...(known && { package: { name: known.name, at: known.at } }),
      ...(kind === 'relink' && relink?.onlyWithout && { onlyWithout: relink.onlyWithout }),
    }
    return { ...action, steps: stepTitles(action) }
  })
  return { format: PLAN_FORMAT, host: wanted.host, prefix: wanted.prefix, platform: wanted.platform, actions }
}

/** Whether the recipe's own files are built and replaced, and not only what belongs to its services and configuration. */
export function isCompiled(kind: ActionKind): boolean {
  return !['keep', 'update', 'remove', 'adopt'].includes(kind) && !isServiceVerb(kind)
}

/** Whether nothing but services is touched, and nothing is recorded. */
export function isServiceVerb(kind: ActionKind): kind is ServiceVerb {
  return ['start', 'stop', 'restart', 'refresh'].includes(kind)
}

export function isPending(plan: Plan): boolean {
  return plan.actions.some((action) => action.kind !== 'keep')
}

function isOf(component: string, recipe: string): boolean {
  return component === recipe || component === serviceComponent(recipe)
}

/**
 * Services of the receipt that the supervisor does not know any more: somebody deleted them by hand. Of a supervisor that
 * does not answer, nothing is known.
 */
function servicesGone(receipt: Receipt, known: ReadonlySet<string> | undefined): string[] {
  if (!known) return []
  return receipt.services.map((service) => service.fmri).filter((fmri) => !known.has(fmri))
}

/** Of a recipe that has a receipt. */
interface Findings {
  changes: Change[]
  /** Services that somebody deleted. */
  gone: string[]
  relink: Relink | undefined
  damage: RecipeDamage
  /** Asked for, whatever is there. */
  again: boolean
  /** Its switch was interrupted, and is finished or undone before: which of both is not known here. */
  cut: boolean
}

const NOTHING: Findings = {
  changes: [],
  gone: [],
  relink: undefined,
  damage: { files: [], others: [] },
  again: false,
  cut: false,
}

/** Most recipes of most hosts: nothing more is asked about them. */
function kept(build: Build, { version }: Receipt): Action {
  const { recipe } = build
  return {
    recipe,
    version: build.version,
    installed: version,
    kind: 'keep',
    reasons: [],
    changes: [],
    build,
    steps: [],
  }
}

function kindOf(
  build: Build,
  receipt: Receipt | undefined,
  { changes, gone, relink, damage, again, cut }: Findings,
): ActionKind {
  if (!receipt) return 'install'
  if (changes.some((change) => change.part === 'build')) {
    const order = compareVersions(build.version, receipt.version)
    if (order > 0) return 'upgrade'
    return order < 0 ? 'downgrade' : 'rebuild'
  }
  // One that depends on what others come to might not be done at all.
  const repair = again || cut || damage.files.length > 0
  if (relink && !(relink.onlyWithout && repair)) return 'relink'
  if (repair) return 'repair'
  return changes.length + gone.length + damage.others.length > 0 ? 'update' : 'keep'
}

/** What a build has otherwise than what the receipt was made from. */
export function changesOf(receipt: Receipt, build: Pick<Build, 'inputs'>): Change[] {
  const changes: Change[] = []
  for (const part of ['build', 'files', 'services'] as const) {
    addDifferences(changes, part, receipt.inputs[part], build.inputs[part])
  }
  return changes
}

/** Values that changed behind the same names; their marks are no values. */
function secretChanges(receipt: Receipt, build: Build, { secretMarks = {} }: Wanted): Change[] {
  if (!receipt.secrets) return []
  const own = marksOf(secretsOf([build]), secretMarks, undefined)
  return changedSecrets(receipt.secrets, own).map((name) => ({
    part: 'files',
    label: `secret ${name}`,
    old: receipt.secrets?.[name] ?? '',
    new: own[name] ?? '',
  }))
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
