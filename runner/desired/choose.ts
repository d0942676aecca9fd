/** Chooses one version for each recipe a host needs: the newest that everybody who asks for it accepts. */
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import type { Source } from '../config/recipe.ts'
import { possibleDependencies } from '../config/recipeNeeds.ts'
import { compareVersions, satisfies } from '../config/version.ts'
import { BuildStackError, BuildStackErrors, type Location } from '../errors.ts'
import type { ConditionFacts } from './conditions.ts'
import type { Need } from './order.ts'
import { type Dependency, dependenciesOf } from './spec.ts'

/** One who asks for a recipe: the host, or a chosen version of another recipe. */
export interface Request {
  /** "server1", "memcached 1.6.18" */
  by: string
  range: string
  /** Where a file asks; it takes a search. */
  locate: () => Location
  /** Unknown when a condition needs facts that are not there yet; its range then excludes nothing. */
  holds: true | 'unknown'
}

export interface Choices {
  versions: ReadonlyMap<string, string>
  /** Who asks for each recipe that is asked for. */
  requests: ReadonlyMap<string, Request[]>
  dependencies(name: string): Dependency[]
  needs(name: string): Need[]
  /** Throws DEPENDENCY for those of the names that no version suits. */
  throwUnsatisfied(names: string[]): void
}

/**
 * There is no search for other combinations: a choice that leaves another recipe without a version is an error
 * that says who asked for what, and hosts.yaml then names a version. So the same files always give the same
 * versions, for a reason that fits in a sentence.
 */
export function chooseVersions(
  host: Host,
  recipes: ReadonlyMap<string, LoadedRecipe>,
  facts: ConditionFacts | undefined,
): Choices {
  const asked = new Map<string, Map<string, Request>>()
  const versions = new Map<string, string>()
  const needed = new Map<string, Dependency[]>()
  const candidates = new Map<string, string[]>()
  const settled = new Map<string, string>()

  const ask = (name: string, from: string, request: Request) => {
    const requests = asked.get(name) ?? new Map<string, Request>()
    asked.set(name, requests.set(from, request))
  }
  const requestsFor = (name: string) => [...(asked.get(name)?.values() ?? [])]
  for (const [name, wanted] of Object.entries(host.recipes)) {
    ask(name, '', { by: host.name, range: wanted.version, locate: () => wanted.location, holds: true })
  }

  /** Returns whether anything changed. */
  function settle(recipe: LoadedRecipe): boolean {
    const { name } = recipe
    const newestFirst =
      candidates.get(name) ?? Object.keys(recipe.versions).sort((a, b) => compareVersions(b, a))
    candidates.set(name, newestFirst)
    const requests = requestsFor(name)
    const version = choose(recipe, newestFirst, requests)
    // What is needed only perhaps makes what it needs no more certain.
    const certain = requests.some((request) => request.holds === true)
    const state = `${version} ${certain}`
    if (state === settled.get(name)) return false
    settled.set(name, state)
    for (const dependency of needed.get(name) ?? []) asked.get(dependency.name)?.delete(name)
    if (version === undefined) {
      versions.delete(name)
      return needed.delete(name)
    }
    versions.set(name, version)
    const dependencies = dependenciesOf(recipe, version, host.roles, facts)
    needed.set(name, dependencies)
    for (const dependency of dependencies) {
      ask(dependency.name, name, {
        by: `${name} ${version}`,
        range: dependency.range,
        locate: () => recipe.locate(dependency.path),
        holds: certain ? dependency.holds : 'unknown',
      })
    }
    return true
  }

  const order = dependentsFirst(Object.keys(host.recipes), recipes)
  // One pass settles what has no cycles and the second finds it settled; more are for dependencies that turn
  // round between versions, which may chase each other for ever.
  let passes = order.length + 2
  let unsettled: string[]
  do {
    unsettled = order.filter((recipe) => settle(recipe)).map((recipe) => recipe.name)
  } while (unsettled.length && --passes)
  if (unsettled.length) throw restless(unsettled, host)

  const requests = new Map(
    [...asked.keys()].map((name) => [name, requestsFor(name)] as const).filter(([, list]) => list.length),
  )
  const dependencies = (name: string) => needed.get(name) ?? []
  return {
    versions,
    requests,
    dependencies,
    needs: (name) =>
      dependencies(name).map((dependency) => ({
        name: dependency.name,
        locate: () => recipes.get(name)?.locate(dependency.path) ?? host.location,
      })),
    throwUnsatisfied: (names) => {
      const faults = names.flatMap((name) => {
        const recipe = recipes.get(name)
        const list = requests.get(name) ?? []
        if (versions.has(name) || list.every((request) => request.holds === 'unknown')) return []
        return [unsatisfied(name, recipe, list, host)]
      })
      if (faults.length > 1) throw new BuildStackErrors(faults)
      if (faults[0]) throw faults[0]
    },
  }
}

function choose(recipe: LoadedRecipe, newestFirst: string[], requests: Request[]): string | undefined {
  if (requests.length === 0) return undefined
  const certain = requests.filter((request) => request.holds === true)
  const ranges = certain.length ? certain.map((request) => request.range) : ['*']
  return newestFirst.find((version) => {
    const source = recipe.versions[version]?.source
    // A version asked for by name is chosen without a checksum: the fetch then says how to record one. What the host's
    // package manager has is never chosen otherwise.
    const usable = (source && hasChecksum(source)) || ranges.includes(version)
    return usable && ranges.every((range) => satisfies(version, range))
  })
}

/** A version without one is chosen only when it is asked for by name. */
export function hasChecksum(source: Source): boolean {
  if (!('url' in source)) return 'git' in source || 'none' in source
  return (
    source.sha256 !== undefined || (source.alternatives ?? []).some((other) => other.sha256 !== undefined)
  )
}

/** All recipes that any version could need, each before those that it needs, as far as there are no cycles. */
function dependentsFirst(names: string[], recipes: ReadonlyMap<string, LoadedRecipe>): LoadedRecipe[] {
  const seen = new Set<string>()
  const neededFirst: LoadedRecipe[] = []
  function visit(name: string): void {
    const recipe = recipes.get(name)
    if (!recipe || seen.has(name)) return
    seen.add(name)
    for (const dependency of possibleDependencies(recipe)) visit(dependency)
    neededFirst.push(recipe)
  }
  for (const name of names) visit(name)
  return neededFirst.reverse()
}

function unsatisfied(
  name: string,
  recipe: LoadedRecipe | undefined,
  requests: Request[],
  host: Host,
): BuildStackError {
  const wishes = requests
    .filter((request) => request.holds === true)
    .map(({ by, range, locate }) => `${by} wants ${range} (${locate().file}:${locate().line})`)
  const all = Object.entries(recipe?.versions ?? {}).sort(([a], [b]) => compareVersions(b, a))
  const versions = all.map(([version, { source }]) =>
    hasChecksum(source) ? version : `${version} (${'packages' in source ? 'only by name' : 'no checksum'})`,
  )
  const location = requests[0]?.locate()
  return new BuildStackError(
    'DEPENDENCY',
    `no version of ${name} suits all who need it: ${wishes.join('; ')}; there are ${versions.join(', ') || 'none'}`,
    {
      host: host.name,
      recipe: name,
      ...(location && { location }),
      next: `Change one of the ranges, or add a version with its checksum to recipes/${name}.yaml.`,
    },
  )
}

function restless(names: string[], host: Host): BuildStackError {
  return new BuildStackError(
    'DEPENDENCY',
    `the versions of ${names.join(', ')} depend on each other's choice without end`,
    {
      host: host.name,
      location: host.location,
      next: `Name a version of one of them for ${host.name} in ${host.location.file}.`,
    },
  )
}
