/** What recipes say of each other, over all their versions. */
import type { BuildStackError } from '../errors.ts'
import { faultAt } from './checks/check.ts'
import type { LoadedRecipe } from './loadedRecipe.ts'
import type { Recipe } from './recipe.ts'
import { compareVersions, satisfies } from './version.ts'

/** Names that any version of the recipe needs under any condition. */
export function possibleDependencies(recipe: Recipe): string[] {
  return [...new Set(dependencyMaps(recipe).flatMap(({ map }) => Object.keys(map)))]
}

/** A fault for each dependency whose range no version of the other recipe satisfies. */
export function rangeFaults(recipe: LoadedRecipe, all: ReadonlyMap<string, Recipe>): BuildStackError[] {
  return dependencyMaps(recipe).flatMap(({ path, map }) =>
    Object.entries(map).flatMap(([name, entry]) => {
      const problem = noVersion(typeof entry === 'string' ? entry : entry.version, all.get(name))
      return problem === undefined ? [] : [faultAt(recipe, [...path, name], problem)]
    }),
  )
}

/** Says so when no version of the recipe satisfies the range. */
export function noVersion(range: string, recipe: Recipe | undefined): string | undefined {
  if (!recipe) return undefined
  const versions = Object.keys(recipe.versions).sort((a, b) => compareVersions(b, a))
  if (versions.some((version) => satisfies(version, range))) return undefined
  return `no version of ${recipe.name} satisfies ${range}; there are ${versions.join(', ')}`
}

function dependencyMaps(recipe: Recipe) {
  const own = Object.entries(recipe.versions).map(([version, { dependencies }]) => ({
    path: ['versions', version, 'dependencies'],
    map: dependencies ?? {},
  }))
  return [{ path: ['dependencies'], map: recipe.dependencies ?? {} }, ...own]
}
