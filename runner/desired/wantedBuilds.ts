/**
 * All builds that a host should have, in build order, as a plan would have them. A build that would be the same as another
 * host's is that one: of a host's own, it depends only on what the key here tells.
 */
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import type { Values } from '../config/template.ts'
import { hostPath } from '../probe/probe.ts'
import { scanFolder } from '../services/daemontoolsNames.ts'
import { requiredNames } from '../services/required.ts'
import type { Build } from './build.ts'
import type { ConditionFacts } from './conditions.ts'
import { orderOf } from './edges.ts'
import { hostVariables } from './hostVariables.ts'
import { type BuildContext, jobsOf, makeBuild, platformOf, valueVariables } from './makeBuild.ts'
import { Remembered } from './remembered.ts'
import { resolve, type Selection } from './resolve.ts'

const made = new Remembered<Selection, Build>()
const own = new Remembered<Selection, (keyof Values)[]>()

/** `only` as with resolve, and throws as it does. */
export function wantedBuilds(
  host: Host,
  recipes: ReadonlyMap<string, LoadedRecipe>,
  facts: ConditionFacts & BuildContext['facts'],
  only: readonly string[] = [],
): Build[] {
  const shared = keyOf(host, facts)
  const variables: Values = { ...valueVariables(host), ...hostVariables(host, facts) }
  const builds = new Map<string, Build>()
  for (const selection of resolve(host, recipes, facts, only)) {
    const asked = ownVariables(selection).map((name) => variables[name] ?? null)
    const key = asked.length > 0 ? `${shared}${JSON.stringify(asked)}` : shared
    const build = made.get(selection, key, () => makeBuild(selection, { host, facts, builds }))
    builds.set(selection.recipe.name, build)
  }
  return inServiceOrder(builds)
}

/** In build order; among what that leaves open, services come before those that require them. */
function inServiceOrder(builds: ReadonlyMap<string, Build>): Build[] {
  const owners = new Map(
    [...builds.values()].flatMap(({ recipe, services }) =>
      services.map(({ name }) => [name, recipe] as const),
    ),
  )
  const required = (recipe: string) =>
    (builds.get(recipe)?.services ?? []).flatMap(requiredNames).flatMap((name) => owners.get(name) ?? [])
  const order = orderOf(
    [...builds.keys()],
    (name) => Object.keys(builds.get(name)?.dependencies ?? {}),
    required,
  )
  return order.flatMap((recipe) => builds.get(recipe) ?? [])
}

/** What BuildContext gives to every build. The versions of what it needs are the selection's. */
function keyOf(host: Host, facts: BuildContext['facts']): string {
  return JSON.stringify([
    host.prefix,
    host.work,
    hostPath(host),
    scanFolder(host),
    jobsOf(host, facts),
    facts.machine,
    platformOf(facts),
  ])
}

/** Names of the variables that the recipe may ask for and that are a host's own. */
function ownVariables(selection: Selection): (keyof Values)[] {
  return own.get(selection, '', () => {
    const found = JSON.stringify(selection.spec).matchAll(/\$\{((?:value|host)\.[^}]*)\}/g)
    return [...new Set(Array.from(found, ([, name]) => name as keyof Values))]
  })
}
