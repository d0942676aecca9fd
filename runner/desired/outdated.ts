/** Installed versions against the wanted and the newest ones. Pure. */
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import { compareVersions, satisfies } from '../config/version.ts'
import type { Receipt } from '../receipts/receipt.ts'
import type { Upstream } from '../upstream/lookUp.ts'
import { chooseVersions, hasChecksum, type Request } from './choose.ts'
import type { ConditionFacts } from './conditions.ts'

export interface VersionRow {
  host: string
  recipe: string
  installed: string | undefined
  /** What a run would install; undefined when nobody asks for it. */
  wanted: string | undefined
  /** The newest version of the recipe with a checksum; undefined without a recipe of that name. */
  newest: string | undefined
  /** A still newer one, whose archive nobody has verified. */
  unverified: string | undefined
  /** Who keeps the newest away: "server1 wants 1.6.18". */
  heldBy: string[]
  /** What upstream has; undefined when nobody asked, or the recipe does not say where. */
  upstream?: Upstream | undefined
}

/** Of every recipe that is installed or asked for, by name. `recipes` lacks those that the project has no more. */
export function versionRows(
  host: Host,
  recipes: ReadonlyMap<string, LoadedRecipe>,
  facts: ConditionFacts,
  receipts: Record<string, Receipt>,
): VersionRow[] {
  const { versions, requests } = chooseVersions(host, recipes, facts)
  const asked = [...requests]
    .filter(([, list]) => list.some(({ holds }) => holds === true))
    .map(([name]) => name)
  const names = [...new Set([...Object.keys(receipts), ...asked])].sort()
  return names.map((name) => {
    const newestFirst = Object.entries(recipes.get(name)?.versions ?? {}).sort(([a], [b]) =>
      compareVersions(b, a),
    )
    const newest = newestFirst.find(([, { source }]) => hasChecksum(source))?.[0]
    const first = newestFirst[0]?.[0]
    const wanted = asked.includes(name) ? versions.get(name) : undefined
    return {
      host: host.name,
      recipe: name,
      installed: receipts[name]?.version,
      wanted,
      newest,
      unverified: first === newest ? undefined : first,
      heldBy: newest !== undefined && newest !== wanted ? holders(newest, requests.get(name) ?? []) : [],
    }
  })
}

function holders(version: string, requests: Request[]): string[] {
  return requests
    .filter(({ holds, range }) => holds === true && !satisfies(version, range))
    .map(({ by, range }) => `${by} wants ${range}`)
}

/** Another version is wanted than is installed, or the recipe has a newer one. */
export function isOutdated(row: VersionRow): boolean {
  const { installed, wanted, newest, unverified } = row
  if (newerUpstream(row) !== undefined) return true
  if (wanted !== undefined && wanted !== installed) return true
  const isNewer = (version: string | undefined) =>
    version !== undefined && installed !== undefined && compareVersions(version, installed) > 0
  return isNewer(newest) || isNewer(unverified)
}

/** A release that the recipe does not know yet. */
export function newerUpstream({ newest, unverified, installed, upstream }: VersionRow): string | undefined {
  if (!upstream || 'reason' in upstream) return undefined
  const known = [newest, unverified, installed].flatMap((version) => version ?? [])
  return known.every((version) => compareVersions(upstream.version, version) > 0)
    ? upstream.version
    : undefined
}
