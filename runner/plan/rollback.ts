/** An earlier package of a recipe -> the plan that brings it back, with what must go back along with it. Pure. */

import type { Host } from '../config/hosts.ts'
import { compareVersions } from '../config/version.ts'
import { orderOf } from '../desired/edges.ts'
import { platformOf } from '../desired/makeBuild.ts'
import { BuildStackError } from '../errors.ts'
import { floorProblem } from '../packages/floor.ts'
import type { PackageInfo } from '../packages/package.ts'
import type { Facts } from '../probe/facts.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { requiredRecipes } from '../services/required.ts'
import { changesOf, type StepTitles } from './makePlan.ts'
import { type Action, PLAN_FORMAT, type Plan } from './plan.ts'
import { type Lack, type RollbackSet, rollbackSet } from './rollbackSet.ts'

/** A package that the host keeps, newest first in a list. */
export interface KeptPackage {
  name: string
  info: PackageInfo
}

export interface RollbackWish {
  recipe: string
  /** A version, or a package's name. The one before the installed one without it. */
  to: string | undefined
}

/**
 * @throws BuildStackError USAGE when there is nothing to go back to, DEPENDENCY when what needs it cannot go along,
 * PREREQUISITE when the host has become too old for the package.
 */
export function planRollback(
  host: Host,
  facts: Facts,
  kept: readonly KeptPackage[],
  wishes: readonly RollbackWish[],
  titles: StepTitles,
): { plan: Plan; receipts: Record<string, Receipt> } {
  const targets = wishes.map((wish) => targetOf(host, facts, kept, wish))
  const set = rollbackSet(targets, facts.receipts, kept)
  if (set.lack) throw lackError(host, wishes, set.lack)
  const going = inOrder(set)
  for (const { kept } of going) requireFloor(host, facts, kept)
  const actions = going.map(({ kept, because }): Action => {
    const { info } = kept
    const installed = facts.receipts[info.recipe]
    const action = {
      recipe: info.recipe,
      version: info.version,
      ...(installed && { installed: installed.version }),
      kind: 'rollback' as const,
      reasons: [
        because ? `goes along: ${because}` : `asked for: back to the package of ${info.receipt.installedAt}`,
      ],
      changes: installed ? changesOf(installed, info.build) : [],
      build: info.build,
      package: { name: kept.name, at: 'host' as const },
    }
    return { ...action, steps: titles(action) }
  })
  return {
    plan: {
      format: PLAN_FORMAT,
      host: host.name,
      prefix: host.prefix,
      platform: platformOf(facts),
      actions,
    },
    receipts: Object.fromEntries(going.map(({ kept: { info } }) => [info.recipe, info.receipt])),
  }
}

function targetOf(host: Host, facts: Facts, kept: readonly KeptPackage[], wish: RollbackWish): KeptPackage {
  const receipt = facts.receipts[wish.recipe]
  const own = kept.filter(({ info }) => info.recipe === wish.recipe)
  const others = own.filter(({ name }) => name !== receipt?.package)
  const target = wish.to
    ? others.find(({ name, info }) => info.version === wish.to || name === wish.to)
    : others[0]
  if (!target) throw nothingThere(host, wish, others)
  return target
}

/** What is needed before what needs it, as in a build; services before those that require them. */
function inOrder({ packages }: RollbackSet): { kept: KeptPackage; because: string | undefined }[] {
  const receipts = Object.fromEntries(
    [...packages].map(([recipe, { kept }]) => [recipe, kept.info.receipt] as const),
  )
  const receiptOf = (recipe: string) => receipts[recipe] as Receipt
  const order = orderOf(
    [...packages.keys()],
    (recipe) => Object.keys(receiptOf(recipe).dependencies),
    (recipe) => requiredRecipes(receiptOf(recipe), receipts),
  )
  return order.flatMap((recipe) => packages.get(recipe) ?? [])
}

function lackError(host: Host, wishes: readonly RollbackWish[], lack: Lack): BuildStackError {
  const message = `${lack.recipe} ${lack.version} needs ${lack.libraries.join(', ')}, which ${lack.owner} ${lack.ownerVersion} lacks`
  const other = wishes.some(({ recipe }) => recipe === lack.recipe) ? lack.owner : lack.recipe
  return new BuildStackError('DEPENDENCY', message, {
    host: host.name,
    next: `the host keeps no package of ${other} that fits; name the versions in hosts.yaml and run, to build them`,
  })
}

/** A package that ran here once may not any more: the machine, or its libraries, can have been replaced by older ones. */
function requireFloor(host: Host, facts: Facts, { info }: KeptPackage): void {
  // A host that says nothing of itself has run it before.
  if (!facts.libc && !facts.cpu) return
  const problem = floorProblem(info.receipt.links?.floor, facts)
  if (problem === undefined) return
  throw new BuildStackError(
    'PREREQUISITE',
    `the package of ${info.recipe} ${info.version} needs ${problem}`,
    {
      host: host.name,
      next: 'name the version in hosts.yaml and run, to build it again',
    },
  )
}

function nothingThere(host: Host, wish: RollbackWish, others: readonly KeptPackage[]): BuildStackError {
  const versions = [...new Set(others.map(({ info }) => info.version))].sort(compareVersions)
  const what = wish.to ? `no package of ${wish.recipe} ${wish.to}` : `no earlier package of ${wish.recipe}`
  return new BuildStackError('USAGE', `${host.name} keeps ${what}`, {
    host: host.name,
    next:
      versions.length > 0
        ? `it keeps ${versions.join(', ')}`
        : 'name the version in hosts.yaml and run, to build it again',
  })
}
