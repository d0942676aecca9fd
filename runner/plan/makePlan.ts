/** Wanted builds + receipts -> plan. Pure: the same input gives the same plan. */
import { compareVersions } from '../config/version.ts'
import type { Build } from '../desired/build.ts'
import type { Facts } from '../probe/facts.ts'
import type { Inputs, Receipt } from '../receipts/receipt.ts'
import { type Action, type ActionKind, type Change, PLAN_FORMAT, type Plan } from './plan.ts'

/** Titles of an action's steps; build/job.ts knows them, and this file must not know jobs. */
export type StepTitles = (build: Build, kind: ActionKind) => string[]

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
): Plan {
  const actions = wanted.builds.map((build): Action => {
    const receipt = facts.receipts[build.recipe]
    const changes = receipt ? changesOf(receipt, build) : []
    const gone = receipt ? servicesGone(receipt, facts.services) : []
    const kind = kindOf(build, receipt, changes, gone)
    return {
      recipe: build.recipe,
      version: build.version,
      ...(receipt && { installed: receipt.version }),
      kind,
      reasons: receipt
        ? reasonsOf(build, receipt, changes, gone)
        : [notInstalled(facts.damagedReceipts[build.recipe])],
      changes,
      steps: kind === 'keep' ? [] : stepTitles(build, kind),
      build,
    }
  })
  return { format: PLAN_FORMAT, host: wanted.host, prefix: wanted.prefix, platform: wanted.platform, actions }
}

export function isPending(plan: Plan): boolean {
  return plan.actions.some((action) => action.kind !== 'keep')
}

/** Services of the receipt that the supervisor does not know any more: somebody deleted them by hand. */
function servicesGone(receipt: Receipt, services: Facts['services']): string[] {
  const known = new Set(services.map((service) => service.fmri))
  return receipt.services.map((service) => service.fmri).filter((fmri) => !known.has(fmri))
}

function kindOf(build: Build, receipt: Receipt | undefined, changes: Change[], gone: string[]): ActionKind {
  if (!receipt) return 'install'
  if (changes.some((change) => change.part === 'build')) {
    const order = compareVersions(build.version, receipt.version)
    if (order > 0) return 'upgrade'
    return order < 0 ? 'downgrade' : 'rebuild'
  }
  return changes.length > 0 || gone.length > 0 ? 'update' : 'keep'
}

function changesOf(receipt: Receipt, build: Build): Change[] {
  return (['build', 'files', 'services'] as const).flatMap((part) =>
    differences(receipt.inputs[part], build.inputs[part]).map((change): Change => ({ part, ...change })),
  )
}

/** Labels that differ, in the order of the new inputs, then those that are gone. */
function differences(before: Inputs, after: Inputs): Omit<Change, 'part'>[] {
  const changed = Object.entries(after)
    .filter(([label, value]) => before[label] !== value)
    .map(([label, value]) => ({
      label,
      ...(label in before && { old: before[label] as string }),
      new: value,
    }))
  const removed = Object.entries(before)
    .filter(([label]) => !(label in after))
    .map(([label, value]) => ({ label, old: value }))
  return [...changed, ...removed]
}

function notInstalled(damage: string | undefined): string {
  return damage === undefined ? 'not installed' : `its receipt is damaged: ${damage}`
}

function reasonsOf(build: Build, receipt: Receipt, changes: Change[], gone: string[]): string[] {
  return [
    ...changes.map((change) => reasonOf(change, build, receipt)),
    ...gone.map((fmri) => `${fmri} is not known to SMF`),
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
  if (change.label.startsWith('dependency ')) {
    const name = change.label.slice('dependency '.length)
    const [before, after] = [change.old?.split(' ')[0], change.new?.split(' ')[0]]
    if (before && after) return before === after ? `${name} is rebuilt` : `${name} ${before} -> ${after}`
  }
  return `${change.label} ${verb}`
}
