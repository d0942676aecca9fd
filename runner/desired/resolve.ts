/**
 * What a host should have: which recipes, which version of each, built how, in which order. Pure. Called once
 * before a host is touched (no facts: finds cycles and ranges that no version satisfies) and again with facts.
 */

import { throwFaults } from '../config/faults.ts'
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import type { DependencyKind } from '../config/recipe.ts'
import { suggestion } from '../config/suggest.ts'
import { BuildStackError } from '../errors.ts'
import { accountFaults } from './accounts.ts'
import { type Choices, chooseVersions } from './choose.ts'
import type { ConditionFacts } from './conditions.ts'
import { buildOrder } from './order.ts'
import { type BuildSpec, buildSpec } from './spec.ts'

export interface Selection {
  recipe: LoadedRecipe
  version: string
  /** Who asked for it, with the range: "server1 (^1.6)", "memcached 1.6.18 (>=2.1)". */
  requestedBy: string[]
  dependencies: { name: string; kind: DependencyKind; range: string }[]
  spec: BuildSpec
}

/**
 * The selections in build order. `recipes` holds what the host lists and all that those need (Project.recipesFor).
 * `only` restricts the result to these recipes and what they need; empty means all. Versions are chosen for the
 * whole host in any case, so that a restricted run installs nothing that the host's other recipes refuse.
 * Throws (BuildStackError, or BuildStackErrors for several) DEPENDENCY, CONFIG for accounts of two recipes that
 * contradict each other, or USAGE for a name in `only` that is not there.
 */
export function resolve(
  host: Host,
  recipes: ReadonlyMap<string, LoadedRecipe>,
  facts: ConditionFacts | undefined,
  only: readonly string[],
): Selection[] {
  const choices = chooseVersions(host, recipes, facts)
  const listed = Object.keys(host.recipes)
  for (const name of only) {
    if (!choices.requests.has(name)) throw notOnHost(name, host, choices)
  }
  const order = buildOrder(only.length ? only : listed, (name) => choices.needs(name))
  choices.throwUnsatisfied(order)
  const selections = order.flatMap((name): Selection[] => {
    const recipe = recipes.get(name)
    const version = choices.versions.get(name)
    const requests = choices.requests.get(name) ?? []
    if (!recipe || version === undefined || requests.every((request) => request.holds === 'unknown'))
      return []
    const selection = {
      recipe,
      version,
      requestedBy: requests.filter((r) => r.holds === true).map((r) => `${r.by} (${r.range})`),
      dependencies: choices
        .dependencies(name)
        .filter((dependency) => dependency.holds === true)
        .map(({ name, kind, range }) => ({ name, kind, range })),
      spec: buildSpec(recipe, version, host, facts),
    }
    return [selection]
  })
  throwFaults(accountFaults(selections, host))
  return selections
}

function notOnHost(name: string, host: Host, choices: Choices): BuildStackError {
  const hint = suggestion(name, choices.requests.keys(), `${host.name} has`)
  return new BuildStackError('USAGE', `${host.name} has no recipe "${name}"${hint}`, {
    host: host.name,
    next: `Add ${name} to the recipes of ${host.name} in ${host.location.file}.`,
  })
}
