/** How one version of a recipe is built on one host: the recipe, the version's own values, and the host's. */
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import type {
  Account,
  BuildSystemName,
  Condition,
  ConditionalWord,
  ConfigFile,
  DependencyDetails,
  Patch,
  Recipe,
  RecipeVersion,
  Service,
  Setup,
  Smoke,
  Source,
} from '../config/recipe.ts'
import { type ConditionFacts, type Holds, holds } from './conditions.ts'
import { type OwnTexts, ownTexts } from './ownFiles.ts'

type Settled<T> = Omit<T, 'when'>

/** Conditions are applied and gone; `${…}` is not yet expanded. */
export interface BuildSpec {
  source: Source
  system: BuildSystemName
  directory: string | undefined
  configure: string[]
  make: string[]
  /** Arguments of make for the installation. */
  install: string[]
  parallel: boolean
  /** Whether it builds with them, where a host has them. */
  ccache: boolean
  distcc: boolean
  /** What system copy takes from the archive. */
  copy: { from: string; to: string }[]
  env: Record<string, string>
  path: string[]
  tools: string[]
  patches: Settled<Patch>[]
  accounts: Settled<Account>[]
  files: Settled<ConfigFile>[]
  setup: Settled<Setup>[]
  services: Record<string, SettledService>
  /** Services of other recipes. */
  restarts: string[]
  smoke: Settled<Smoke>[]
}

export type SettledService = Omit<Service, 'when' | 'environment' | 'own'> & {
  environment: Record<string, string>
  own?: OwnTexts
}

/** The version's value of a build field, else the recipe's. */
export function field<K extends keyof Recipe & keyof RecipeVersion>(
  recipe: Recipe,
  version: string,
  key: K,
): Recipe[K] | RecipeVersion[K] {
  return recipe.versions[version]?.[key] ?? recipe[key]
}

/** What holds for certain: before the probe (no facts), values that depend on facts are left out. */
export function buildSpec(
  recipe: Recipe & Pick<LoadedRecipe, 'ownFile'>,
  version: string,
  host: Host,
  facts: ConditionFacts | undefined,
): BuildSpec {
  const own = recipe.versions[version]
  if (!own) throw new TypeError(`${recipe.name} has no version ${version}`)
  const get = <K extends keyof Recipe & keyof RecipeVersion>(key: K) => field(recipe, version, key)
  const applies = (when: Condition | undefined): Holds => holds(when, facts, host.roles, version)
  const settle = <T extends { when?: Condition | undefined }>(items: T[] | undefined): Settled<T>[] =>
    (items ?? []).filter((item) => applies(item.when) === true).map(({ when: _, ...item }) => item)
  const words = (list: ConditionalWord[] | undefined): string[] =>
    (list ?? []).flatMap((word) => settledWord(word, applies) ?? [])
  const environment = (map: Record<string, ConditionalWord> | undefined): Record<string, string> =>
    Object.fromEntries(
      Object.entries(map ?? {}).flatMap(([name, word]) => {
        const value = settledWord(word, applies)
        return value === undefined ? [] : [[name, value]]
      }),
    )
  const wanted = host.recipes[recipe.name]

  return {
    source: own.source,
    system: own.system ?? recipe.system,
    directory: get('directory'),
    configure: [...words(get('configure')), ...(wanted?.configure ?? [])],
    make: words(get('make')),
    install: words(get('install') ?? ['install']),
    parallel: get('parallel') ?? true,
    ccache: get('ccache') ?? true,
    distcc: get('distcc') ?? true,
    copy: get('copy') ?? [],
    // What is said of this recipe on this host is nearest; what is said of the host in general is furthest.
    env: { ...host.env, ...environment(get('env')), ...wanted?.env },
    path: get('path') ?? [],
    tools: get('tools') ?? [],
    patches: settle(get('patches')),
    accounts: settle(get('accounts')),
    files: settle(get('files')),
    setup: settle(get('setup')),
    restarts: get('restarts') ?? [],
    services: settledServices(get('services') ?? {}, applies, environment, recipe.ownFile),
    smoke: settle(get('smoke')),
  }
}

function settledWord(word: ConditionalWord, applies: (when: Condition) => Holds): string | undefined {
  if (typeof word === 'string') return word
  return applies(word.when) === true ? word.value : undefined
}

function settledServices(
  services: Record<string, Service>,
  applies: (when: Condition | undefined) => Holds,
  environment: (map: Service['environment']) => Record<string, string>,
  ownFile: LoadedRecipe['ownFile'],
): Record<string, SettledService> {
  const settled: [string, SettledService][] = []
  for (const [name, { when, environment: variables, own, ...service }] of Object.entries(services)) {
    if (applies(when) !== true) continue
    const files = own && { own: ownTexts(own, ownFile) }
    settled.push([name, { ...service, environment: environment(variables), ...files }])
  }
  return Object.fromEntries(settled)
}

export interface Dependency {
  name: string
  kind: DependencyDetails['kind']
  range: string
  /** Path of the entry in the recipe's file. */
  path: (string | number)[]
  /** Unknown where the condition needs facts and there are none. */
  holds: true | 'unknown'
}

/** What a version of a recipe needs, without what its conditions exclude. */
export function dependenciesOf(
  recipe: Recipe,
  version: string,
  roles: readonly string[],
  facts: ConditionFacts | undefined,
): Dependency[] {
  const own = recipe.versions[version]?.dependencies
  const base = own ? ['versions', version, 'dependencies'] : ['dependencies']
  return Object.entries(own ?? recipe.dependencies ?? {}).flatMap(([name, entry]) => {
    const details: DependencyDetails = typeof entry === 'string' ? { version: entry, kind: 'link' } : entry
    const answer = holds(details.when, facts, roles, version)
    if (answer === false) return []
    return [{ name, kind: details.kind, range: details.version, path: [...base, name], holds: answer }]
  })
}
