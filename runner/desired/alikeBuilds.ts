/**
 * The builds that a host wants, made once for hosts that are alike: the many web servers of a fleet differ in their names
 * and addresses, and nothing of a build depends on those.
 */
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import type { Facts } from '../probe/facts.ts'
import type { Build } from './build.ts'
import { makeBuild } from './makeBuild.ts'
import { resolve } from './resolve.ts'

type Recipes = ReadonlyMap<string, LoadedRecipe>

const known = new WeakMap<Recipes, Map<string, readonly Build[]>>()

/** In build order. @throws BuildStackError DEPENDENCY and CONFIG as resolve. */
export function alikeBuilds(
  host: Host,
  recipes: Recipes,
  facts: Facts,
  only: readonly string[],
): readonly Build[] {
  const alike = known.get(recipes) ?? new Map<string, readonly Build[]>()
  known.set(recipes, alike)
  const key = keyOf(host, facts, only)
  const builds = alike.get(key) ?? buildsOf(host, recipes, facts, only)
  alike.set(key, builds)
  return builds
}

function buildsOf(host: Host, recipes: Recipes, facts: Facts, only: readonly string[]): readonly Build[] {
  const builds = new Map<string, Build>()
  for (const selection of resolve(host, recipes, facts, only)) {
    builds.set(selection.recipe.name, makeBuild(selection, { host, facts, builds }))
  }
  return [...builds.values()]
}

/** All of a host but how it is reached and where it is written down; all facts that conditions (ConditionFacts) and builds (BuildContext) can ask for. */
function keyOf(host: Host, facts: Facts, only: readonly string[]): string {
  const { name, address, port, user, key, agent, jump, algorithms, privilege, location, recipes, ...rest } =
    host
  const wanted = Object.entries(recipes).map(([recipe, { location: _, ...want }]) => [recipe, want])
  const { os, release, machine, cpus, supervisor } = facts
  return JSON.stringify([rest, wanted, { os, release, machine, cpus, supervisor }, only])
}
