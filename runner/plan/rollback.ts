/** An earlier package of a recipe -> the plan that brings it back. Pure. */

import type { Host } from '../config/hosts.ts'
import { compareVersions } from '../config/version.ts'
import { platformOf } from '../desired/makeBuild.ts'
import { BuildStackError } from '../errors.ts'
import type { PackageInfo } from '../packages/package.ts'
import type { Facts } from '../probe/facts.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { changesOf, type StepTitles } from './makePlan.ts'
import { type Action, PLAN_FORMAT, type Plan } from './plan.ts'

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

/** @throws BuildStackError USAGE when there is nothing to go back to. */
export function planRollback(
  host: Host,
  facts: Facts,
  kept: readonly KeptPackage[],
  wish: RollbackWish,
  titles: StepTitles,
): { plan: Plan; receipts: Record<string, Receipt> } {
  const receipt = facts.receipts[wish.recipe]
  const own = kept.filter(({ info }) => info.recipe === wish.recipe)
  const others = own.filter(({ name }) => name !== receipt?.package)
  const target = wish.to
    ? others.find(({ name, info }) => info.version === wish.to || name === wish.to)
    : others[0]
  if (!target) throw nothingThere(host, wish, others)
  requireDependents(host, facts, target)
  const { build } = target.info
  const action = {
    recipe: wish.recipe,
    version: target.info.version,
    ...(receipt && { installed: receipt.version }),
    kind: 'rollback' as const,
    reasons: [`asked for: back to the package of ${target.info.receipt.installedAt}`],
    changes: receipt ? changesOf(receipt, build) : [],
    build,
    package: { name: target.name, at: 'host' as const },
  }
  const actions: Action[] = [{ ...action, steps: titles(action) }]
  const plan = {
    format: PLAN_FORMAT,
    host: host.name,
    prefix: host.prefix,
    platform: platformOf(facts),
    actions,
  }
  return { plan: plan as Plan, receipts: { [wish.recipe]: target.info.receipt } }
}

/** Going back must not take a library away from what is linked to it. */
function requireDependents(host: Host, facts: Facts, { info }: KeptPackage): void {
  const offered = info.receipt.links?.provides ?? []
  for (const other of Object.values(facts.receipts)) {
    const gone = Object.entries(other.links?.needs ?? {}).flatMap(([library, owner]) =>
      owner === info.recipe && !offered.includes(library) ? [library] : [],
    )
    if (gone.length === 0) continue
    const message = `${other.recipe} ${other.version} needs ${gone.join(', ')}, which ${info.recipe} ${info.version} lacks`
    throw new BuildStackError('DEPENDENCY', message, {
      host: host.name,
      next: `go back with ${other.recipe} first: build-stack rollback ${host.name} ${other.recipe}`,
    })
  }
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
