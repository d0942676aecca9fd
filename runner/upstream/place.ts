/** Where a recipe's newer releases are announced, and which versions are named there. Pure; lookUp.ts does the asking. */
import type { Recipe } from '../config/recipe.ts'
import { compareVersions } from '../config/version.ts'

export type UpstreamPlace = NonNullable<Recipe['upstream']>

/** Debian's development release: what comes there first. */
export const NEWEST_SUITE = 'sid'

/** What the recipe says, else the Debian package that its newest version can be had from. */
export function upstreamPlace({
  upstream,
  versions,
}: Pick<Recipe, 'upstream' | 'versions'>): UpstreamPlace | undefined {
  if (upstream) return upstream
  const newestFirst = Object.entries(versions).sort(([a], [b]) => compareVersions(b, a))
  for (const [, { source }] of newestFirst) {
    const alternatives = 'alternatives' in source ? (source.alternatives ?? []) : []
    for (const one of alternatives) if ('debian' in one) return { debian: one.debian }
  }
  return undefined
}

/** What a person knows it by: "Debian sid", "www.memcached.org". */
export function placeName(place: UpstreamPlace): string {
  if ('debian' in place) return `Debian ${place.suite ?? NEWEST_SUITE}`
  return URL.canParse(place.url) ? new URL(place.url).host : place.url
}

/** "1:2.1.12-stable-10+b1" -> "2.1.12-stable"; undefined for what is no release: 4.0~rc1. */
export function releaseOf(debianVersion: string): string | undefined {
  const version = debianVersion
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/^.*[+~.]really(?=\d)/, '')
    .replace(/[+~.](dfsg|ds|repack).*$/, '')
  return version.includes('~') || version === '' ? undefined : version
}

/** What the pattern's first group matches anywhere in a page; the whole match without a group. */
export function versionsOn(page: string, pattern: string): string[] {
  const found = [...page.matchAll(new RegExp(pattern, 'g'))].map((match) => match[1] ?? match[0])
  return [...new Set(found)]
}

export function newestOf(versions: readonly string[]): string | undefined {
  return [...versions].sort(compareVersions).at(-1)
}
