/** All builds that a host should have, in build order, as a plan would have them. Pure. */
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import type { Build } from './build.ts'
import type { ConditionFacts } from './conditions.ts'
import { type BuildContext, makeBuild } from './makeBuild.ts'
import { resolve } from './resolve.ts'

/** Throws as `resolve`. */
export function wantedBuilds(
  host: Host,
  recipes: ReadonlyMap<string, LoadedRecipe>,
  facts: ConditionFacts & BuildContext['facts'],
): Build[] {
  const builds = new Map<string, Build>()
  for (const selection of resolve(host, recipes, facts, [])) {
    builds.set(selection.recipe.name, makeBuild(selection, { host, facts, builds }))
  }
  return [...builds.values()]
}
