/** Objects -> the files that restore makes, and why others cannot be. Pure. */
import type { ListedVersion } from '../s3/objectStore.ts'
import type { Problem } from './entry.ts'
import { inScope, pathOf, RESERVED, rootBeginning } from './keys.ts'
import type { Profile, Root } from './profile.ts'

/** An object, or one version of it. */
export interface Candidate {
  key: string
  etag: string
  /** Undefined for what there is now. */
  version: string | undefined
}

/** Where it goes: below `base`, which may be anywhere; nothing is written beside it or through links in it. */
export interface Destination extends Candidate {
  /** Of hosts.yaml; undefined for this machine. */
  host: string | undefined
  base: string
  /** Below the base. */
  path: string
  folder: boolean
}

export interface RestorePlan {
  wanted: Destination[]
  problems: Problem[]
}

/** Another place than that of the files. */
export interface RestorePlace {
  /** Of hosts.yaml; undefined for this machine. */
  host: string | undefined
  /** Absolute; undefined for the folders that they were in. */
  folder: string | undefined
}

export interface RestoreChoice {
  /** Beginnings of keys, without the profile's prefix; all without any. */
  beginnings: readonly string[]
  /** Undefined for where the files were. */
  to: RestorePlace | undefined
}

export function restorePlan(
  profile: Pick<Profile, 'prefix' | 'relativePaths' | 'roots'>,
  candidates: readonly Candidate[],
  { beginnings, to }: RestoreChoice,
): RestorePlan {
  const plan: RestorePlan = { wanted: [], problems: [] }
  for (const candidate of candidates) {
    const { key } = candidate
    if (!key.startsWith(profile.prefix) || key.startsWith(profile.prefix + RESERVED)) continue
    const name = key.slice(profile.prefix.length)
    if (!beginsWithOne(name, beginnings)) continue
    if (to?.folder === undefined && !inScope(profile, key)) continue
    const where = pathOf(key, profile.prefix)
    if ('problem' in where) {
      plan.problems.push({ path: key, reason: where.problem })
      continue
    }
    plan.wanted.push({ ...candidate, ...below(profile, where.path, to), folder: where.folder })
  }
  return plan
}

/** "css" is css and all in it, but not css2. */
function beginsWithOne(name: string, beginnings: readonly string[]): boolean {
  if (beginnings.length === 0) return true
  return beginnings.some((text) => {
    const beginning = text.replace(/^\/+|\/+$/g, '')
    return name === beginning || name.startsWith(`${beginning}/`)
  })
}

type Naming = Pick<Profile, 'relativePaths' | 'roots'>

function below(
  profile: Naming,
  path: string,
  to: RestorePlace | undefined,
): Pick<Destination, 'host' | 'base' | 'path'> {
  if (to?.folder !== undefined) return { host: to.host, base: to.folder, path }
  const own = ownPlace(profile, path)
  return to === undefined ? own : { ...own, host: to.host }
}

function ownPlace(
  { relativePaths, roots }: Naming,
  path: string,
): Pick<Destination, 'host' | 'base' | 'path'> {
  const at = (root: Root | undefined, rest: string) => ({
    host: root?.host,
    base: root?.path || '/',
    path: rest,
  })
  if (relativePaths) return at(roots[0], path)
  // The longest root that it is in: what is above a root may be a link, what is below may not.
  const [root] = roots
    .filter((one) => path.startsWith(beginningOf(one)))
    .sort((a, b) => beginningOf(b).length - beginningOf(a).length)
  return at(root, path.slice(root === undefined ? 0 : beginningOf(root).length))
}

/** What the paths of a root begin with, where they are whole. */
function beginningOf(root: Root): string {
  const beginning = rootBeginning(root)
  return beginning === '' ? '' : `${beginning}/`
}

/** Of each key the newest version that was there at that time; none where it was removed then, or not yet made. */
export function versionsAt(versions: Iterable<ListedVersion>, time: Date): Candidate[] {
  const newest = new Map<string, ListedVersion>()
  for (const version of versions) {
    if (version.modified > time) continue
    const known = newest.get(version.key)
    if (!known || version.modified > known.modified) newest.set(version.key, version)
  }
  return [...newest.values()]
    .filter(({ removed }) => !removed)
    .map(({ key, etag, version }) => ({ key, etag, version }))
}
