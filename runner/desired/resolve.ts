/**
 * What a host should have: which recipes, which version of each, built how, in which order. Pure. Called once
 * before a host is touched (no facts: finds cycles and ranges that no version satisfies) and again with facts.
 */

import { throwFaults } from '../config/faults.ts'
import type { Host, WantedRecipe } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import type { DependencyKind } from '../config/recipe.ts'
import { suggestion } from '../config/suggest.ts'
import { BuildStackError } from '../errors.ts'
import { accountFaults } from './accounts.ts'
import { type Choices, chooseVersions } from './choose.ts'
import type { ConditionFacts } from './conditions.ts'
import { buildOrder } from './order.ts'
import { Remembered } from './remembered.ts'
import { serviceNameFaults } from './serviceNames.ts'
import { type BuildSpec, buildSpec } from './spec.ts'

/** A recipe in the version that was chosen for a host. */
export interface Choice {
  recipe: LoadedRecipe
  version: string
  dependencies: { name: string; kind: DependencyKind; range: string }[]
}

export interface Selection extends Choice {
  spec: BuildSpec
}

type Recipes = ReadonlyMap<string, LoadedRecipe>

const chosen = new Remembered<Recipes, Choice[]>()
const selected = new Remembered<Choice, Selection>()

/**
 * The selections in build order. `recipes` holds what the host lists and all that those need (Project.recipesFor).
 * `only` restricts the result to these recipes and what they need; empty means all. Versions are chosen for the
 * whole host in any case, so that a restricted run installs nothing that the host's other recipes refuse.
 * Throws (BuildStackError, or BuildStackErrors for several) DEPENDENCY, CONFIG for accounts of two recipes that
 * contradict each other and for two services of one name, or USAGE for a name in `only` that is not there.
 */
export function resolve(
  host: Host,
  recipes: Recipes,
  facts: ConditionFacts | undefined,
  only: readonly string[],
): Selection[] {
  const choices = chosen.get(recipes, choiceKey(host, facts, only), () => choose(host, recipes, facts, only))
  const general = JSON.stringify(host.env)
  const selections = choices.map((choice) => {
    const own = host.recipes[choice.recipe.name]
    const key = own && hasSettings(own) ? JSON.stringify([general, own.configure, own.env]) : general
    return selected.get(choice, key, () => ({
      ...choice,
      spec: buildSpec(choice.recipe, choice.version, host, facts),
    }))
  })
  throwFaults([...accountFaults(selections, host), ...serviceNameFaults(selections, host)])
  return selections
}

function hasSettings({ configure, env }: WantedRecipe): boolean {
  return configure.length > 0 || Object.keys(env).length > 0
}

/** All that a choice depends on but the recipes; the conditions of buildSpec depend on no more. */
function choiceKey(host: Host, facts: ConditionFacts | undefined, only: readonly string[]): string {
  const wanted = Object.entries(host.recipes).map(([name, { version }]) => [name, version])
  const { os, release, machine, supervisor } = facts ?? {}
  return JSON.stringify([
    wanted,
    host.roles,
    host.supervisor,
    facts && { os, release, machine, supervisor },
    only,
  ])
}

function choose(
  host: Host,
  recipes: Recipes,
  facts: ConditionFacts | undefined,
  only: readonly string[],
): Choice[] {
  const choices = chooseVersions(host, recipes, facts)
  // What has services is of no use before what runs them.
  const isSupervisor = (name: string) => Number(name === host.supervisor)
  const listed = Object.keys(host.recipes).sort((a, b) => isSupervisor(b) - isSupervisor(a))
  for (const name of only) {
    if (!choices.requests.has(name)) throw notOnHost(name, host, choices)
  }
  const order = buildOrder(only.length ? only : listed, (name) => choices.needs(name))
  choices.throwUnsatisfied(order)
  return order.flatMap((name): Choice[] => {
    const recipe = recipes.get(name)
    const version = choices.versions.get(name)
    const requests = choices.requests.get(name) ?? []
    if (!recipe || version === undefined || requests.every((request) => request.holds === 'unknown'))
      return []
    const dependencies = choices
      .dependencies(name)
      .filter((dependency) => dependency.holds === true)
      .map(({ name, kind, range }) => ({ name, kind, range }))
    return [{ recipe, version, dependencies }]
  })
}

function notOnHost(name: string, host: Host, choices: Choices): BuildStackError {
  const hint = suggestion(name, choices.requests.keys(), `${host.name} has`)
  return new BuildStackError('USAGE', `${host.name} has no recipe "${name}"${hint}`, {
    host: host.name,
    next: `Add ${name} to the recipes of ${host.name} in ${host.location.file}.`,
  })
}
