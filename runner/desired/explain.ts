/** Why a host has a recipe in just this version: who asks for it, and what keeps newer ones away. Pure. */
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import { compareVersions, satisfies } from '../config/version.ts'
import type { Location } from '../errors.ts'
import { type Choices, chooseVersions, hasChecksum, type Request } from './choose.ts'
import type { ConditionFacts } from './conditions.ts'

/** Somebody who asks, and who asks for him. */
export interface Wish {
  /** "server1", "memcached 1.6.18" */
  by: string
  range: string
  location: Location
  /** False when it depends on facts of the host that are not known. */
  certain: boolean
  wishes: Wish[]
}

export interface Refused {
  version: string
  /** "no checksum", "server1 wants ^1.6" */
  reasons: string[]
}

export interface Explanation {
  recipe: string
  /** Undefined when nobody asks for it, or no version suits all. */
  version: string | undefined
  /** None: nobody asks. */
  wishes: Wish[]
  /** Versions of the recipe above the chosen one, newest first; all of them when none is chosen. */
  refused: Refused[]
}

/** `recipes` holds the recipe and all that the host's recipes may need. */
export function explain(
  host: Host,
  recipes: ReadonlyMap<string, LoadedRecipe>,
  facts: ConditionFacts | undefined,
  name: string,
): Explanation {
  const choices = chooseVersions(host, recipes, facts)
  const version = choices.versions.get(name)
  const requests = choices.requests.get(name) ?? []
  const versions = Object.keys(recipes.get(name)?.versions ?? {}).sort((a, b) => compareVersions(b, a))
  const newer = versions.filter((one) => version === undefined || compareVersions(one, version) > 0)
  return {
    recipe: name,
    version,
    wishes: wishesFor(name, host, choices, new Set([name])),
    refused: newer.map((one) => ({
      version: one,
      reasons: reasonsAgainst(one, recipes.get(name), requests),
    })),
  }
}

function wishesFor(name: string, host: Host, choices: Choices, above: ReadonlySet<string>): Wish[] {
  return (choices.requests.get(name) ?? []).map((request) => {
    const by = requester(request, host)
    const further =
      by === undefined || above.has(by) ? [] : wishesFor(by, host, choices, new Set([...above, by]))
    return {
      by: request.by,
      range: request.range,
      location: request.locate(),
      certain: request.holds === true,
      wishes: further,
    }
  })
}

/** The recipe that asks; undefined for the host itself. */
function requester({ by }: Request, host: Host): string | undefined {
  return by === host.name ? undefined : by.slice(0, by.indexOf(' '))
}

function reasonsAgainst(version: string, recipe: LoadedRecipe | undefined, requests: Request[]): string[] {
  const source = recipe?.versions[version]?.source
  const refusing = requests.filter(({ holds, range }) => holds === true && !satisfies(version, range))
  return [
    ...refusing.map(({ by, range }) => `${by} wants ${range}`),
    ...(source && !hasChecksum(source) ? ['no checksum'] : []),
  ]
}
