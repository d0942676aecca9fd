/** Recipes to be removed + receipts -> plan. What others need is not removed, unless they go too. Pure. */

import type { Host } from '../config/hosts.ts'
import { suggestion } from '../config/suggest.ts'
import { orderOf } from '../desired/edges.ts'
import { platformOf } from '../desired/makeBuild.ts'
import { BuildStackError } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { requiredRecipes } from '../services/required.ts'
import { installedBuild } from './installedBuild.ts'
import type { StepTitles } from './makePlan.ts'
import { type Action, PLAN_FORMAT, type Plan } from './plan.ts'

export interface RemovalWish {
  recipes: readonly string[]
  /** Also what needs them. */
  dependents: boolean
}

/** @throws BuildStackError USAGE for what is not installed, DEPENDENCY for what others need. */
export function planRemoval(host: Host, facts: Facts, wish: RemovalWish, titles: StepTitles): Plan {
  for (const name of wish.recipes) {
    if (facts.receipts[name]) continue
    const hint = suggestion(name, Object.keys(facts.receipts), 'it has')
    throw new BuildStackError('USAGE', `${name} is not installed on ${host.name}${hint}`, {
      host: host.name,
      next: `build-stack status ${host.name} shows what is`,
    })
  }
  const going = servicesFirst(withDependents(wish.recipes, facts.receipts), facts.receipts)
  const extra = going.filter((name) => !wish.recipes.includes(name))
  if (extra.length > 0 && !wish.dependents) {
    throw new BuildStackError(
      'DEPENDENCY',
      `${wish.recipes.join(', ')} cannot go: ${extra.join(', ')} needs it`,
      {
        host: host.name,
        next: `add --with-dependents to remove ${extra.join(', ')} too`,
      },
    )
  }
  const actions = going.map((name) => {
    const receipt = facts.receipts[name] as Receipt
    const because = wish.recipes.includes(name) ? 'asked for' : 'needs what goes'
    return removalOf(receipt, because, titles)
  })
  return { format: PLAN_FORMAT, host: host.name, prefix: host.prefix, platform: platformOf(facts), actions }
}

/** Dependents first: nothing is ever there without what it needs. */
function withDependents(names: readonly string[], receipts: Facts['receipts']): string[] {
  const order: string[] = []
  const visit = (name: string) => {
    if (order.includes(name)) return
    for (const other of Object.values(receipts)) {
      if (name in other.dependencies && other.recipe !== name) visit(other.recipe)
    }
    order.push(name)
  }
  for (const name of names) visit(name)
  return order
}

/** Of what goes: a service goes before the services that it requires. */
function servicesFirst(going: readonly string[], receipts: Facts['receipts']): string[] {
  const all = going.map((name) => receipts[name] as Receipt)
  return orderOf(
    going,
    (name) => all.filter(({ dependencies }) => name in dependencies).map(({ recipe }) => recipe),
    (name) => all.filter((one) => requiredRecipes(one, receipts).includes(name)).map(({ recipe }) => recipe),
  )
}

function removalOf(receipt: Receipt, reason: string, titles: StepTitles): Action {
  const action = {
    recipe: receipt.recipe,
    version: receipt.version,
    installed: receipt.version,
    kind: 'remove' as const,
    reasons: [reason],
    changes: [],
    build: installedBuild(receipt),
  }
  return { ...action, steps: titles(action) }
}
