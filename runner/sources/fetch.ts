/**
 * Has a recipe's source on this machine, verified: from the user's folder, the cache, upstream or an alternative,
 * whichever gives the right bytes first.
 */
import { constants } from 'node:fs'
import { access, copyFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BuildStackError } from '../errors.ts'
import { abandonPart, cacheError, cachePath, claimPart, findInCache, keepPart } from './cache.ts'
import { download } from './download.ts'
import { allFailed, noChecksum } from './fetchFailure.ts'
import { isLocal } from './httpFailure.ts'
import { describe, type Place, PlaceFailure, placesOf, type Source, type Wanted } from './source.ts'

export type { Alternative, Source } from './source.ts'

export interface FetchedSource {
  /** Absolute. In the cache, even for a file of the user's. */
  path: string
  file: string
  sha256: string
  /** Bytes. */
  size: number
  /** The place it came from, as shown to the user; "the cache" when nothing had to be fetched. */
  from: string
  /** Places tried before that did not have it, with the reason. */
  failed: Attempt[]
}

/** A place that did not give the source. */
export interface Attempt {
  place: string
  reason: string
  /** sha256 of what came, when it was not what the recipe says. */
  received?: string | undefined
}

export interface FetchOptions {
  /** Folder of the cache. */
  cache: string
  /** Use only what is on this machine. */
  offline?: boolean | undefined
  /** Bytes so far and in all, while a place named by what gives them. */
  onProgress?: ((done: number, total: number | undefined, what: string) => void) | undefined
  signal?: AbortSignal | undefined
  /** Where controllers share what they verified; looked in behind the cache. */
  shared?: SharedSources | undefined
  /** Archives that the user gathered; looked in first, never written to. */
  sourceFolder?: string | undefined
  /** Recipe and version as shown, "memcached 1.6.18". */
  recipe: string
}

export interface SharedSources {
  /** As shown to the user. */
  readonly name: string
  /** False when it is not there. */
  fetch(wanted: Wanted, file: string): Promise<boolean>
  /** What it gave was not what is wanted. received: its sha256. */
  refuse(wanted: Wanted, received: string): void
  /** Takes a copy of a verified archive that it lacks, in its own time. */
  offer(wanted: Wanted, path: string): void
}

/**
 * Rejects with SOURCE when no place has it, when no checksum is recorded, or when the cache cannot be written; with
 * CONFIG for an unusable URL or file name; with INTERRUPTED when aborted. A wrong archive is never kept or used.
 */
export async function fetchSource(source: Source, options: FetchOptions): Promise<FetchedSource> {
  const places = placesOf(source)
  if (places.every(({ wanted }) => wanted === undefined)) throw noChecksum(places, options)
  const failed: Attempt[] = []
  try {
    const got = await firstToGive(places, failed, options)
    if (got) {
      if (!options.offline && got.from !== options.shared?.name) options.shared?.offer(got, got.path)
      return { ...got, failed }
    }
  } catch (error) {
    if (options.signal?.aborted)
      throw new BuildStackError('INTERRUPTED', `stopped while fetching ${places[0]?.file}`, { cause: error })
    throw isLocal(error) ? cacheError(error as NodeJS.ErrnoException, options.cache) : error
  }
  throw allFailed(places, failed, options)
}

type Got = Omit<FetchedSource, 'failed'>

/** What this machine has, then the places. Failures are added to failed. */
async function firstToGive(
  places: Place[],
  failed: Attempt[],
  options: FetchOptions,
): Promise<Got | undefined> {
  const attempt = async (place: string, use: () => Promise<Got>): Promise<Got | undefined> => {
    options.signal?.throwIfAborted()
    try {
      return await use()
    } catch (error) {
      if (!(error instanceof PlaceFailure)) throw error
      failed.push({ place, reason: error.message, received: error.received })
      return undefined
    }
  }
  const wanted = places.flatMap((place) => place.wanted ?? [])
  for (const one of options.sourceFolder === undefined ? [] : wanted) {
    const path = join(resolve(options.sourceFolder ?? ''), one.file)
    const got = await attempt(path, () => copied(path, one, options))
    if (got) return got
  }
  for (const one of wanted) {
    const size = await findInCache(options.cache, one, options.signal)
    if (size !== undefined) return entry(one, size, 'the cache', options)
  }
  const { shared } = options
  for (const one of shared && !options.offline ? wanted : []) {
    const got = await attempt(shared?.name ?? '', () => fromShared(shared as SharedSources, one, options))
    if (got) return got
  }
  for (const place of places) {
    const got = await attempt(describe(place), () => obtained(place, options))
    if (got) return got
  }
  return undefined
}

/** Verified as what comes from anywhere else: who can write there could put anything. */
async function fromShared(shared: SharedSources, wanted: Wanted, options: FetchOptions): Promise<Got> {
  try {
    return await intoCache(wanted, shared.name, options, async (part) => {
      if (!(await shared.fetch(wanted, part))) throw new PlaceFailure('it is not there')
    })
  } catch (error) {
    if (error instanceof PlaceFailure && error.received !== undefined) shared.refuse(wanted, error.received)
    throw error
  }
}

async function obtained(place: Place, options: FetchOptions): Promise<Got> {
  const { origin, wanted } = place
  if (wanted === undefined) throw new PlaceFailure('no checksum is recorded for it')
  if (origin.kind === 'directory') return copied(resolve(origin.directory, wanted.file), wanted, options)
  if (origin.kind === 'url' && origin.url.protocol === 'file:')
    return copied(fileURLToPath(origin.url), wanted, options)
  if (options.offline) throw new PlaceFailure('not tried (offline)')
  return origin.kind === 'url' ? downloaded(origin.url, wanted, options) : fromDebian(origin, wanted, options)
}

/** A copy, so that what was verified cannot be changed afterwards by whoever works in that folder. */
async function copied(path: string, wanted: Wanted, options: FetchOptions): Promise<Got> {
  const readable = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  )
  if (!readable) throw new PlaceFailure('no such file that can be read')
  return intoCache(wanted, path, options, async (part) => {
    await copyFile(path, part, constants.COPYFILE_FICLONE)
  })
}

async function downloaded(url: URL, wanted: Wanted, options: FetchOptions): Promise<Got> {
  const from = url.href
  let resumed = false
  const fill = async (part: string) => {
    const onProgress = (done: number, total: number | undefined) => options.onProgress?.(done, total, from)
    resumed = (await download(url, part, { size: wanted.size, signal: options.signal, onProgress })).resumed
  }
  try {
    return await intoCache(wanted, from, options, fill)
  } catch (error) {
    // Bytes of an earlier run may have been another version's; they are gone now.
    if (resumed && error instanceof PlaceFailure && error.received !== undefined)
      return intoCache(wanted, from, options, fill)
    throw error
  }
}

async function fromDebian(
  { package: name, suite }: Extract<Place['origin'], { kind: 'debian' }>,
  wanted: Wanted,
  options: FetchOptions,
): Promise<Got> {
  const { fetchFromDebian } = await import('./debian.ts')
  let version = ''
  const got = await intoCache(wanted, '', options, async (part) => {
    const folder = join(resolve(options.cache), 'apt')
    ;({ version } = await fetchFromDebian(name, wanted, part, { folder, suite, signal: options.signal }))
  })
  return { ...got, from: `Debian's source package ${name} ${version}` }
}

/** Lets fill write a part file, verifies it, and makes it the cache's entry. */
async function intoCache(
  wanted: Wanted,
  from: string,
  options: FetchOptions,
  fill: (part: string) => Promise<void>,
): Promise<Got> {
  const part = await claimPart(options.cache, wanted)
  try {
    await fill(part)
    return entry(wanted, await keepPart(part, options.cache, wanted, options.signal), from, options)
  } catch (error) {
    await abandonPart(part)
    throw error
  }
}

function entry({ file, sha256, ...rest }: Wanted, size: number, from: string, options: FetchOptions): Got {
  return { path: resolve(cachePath(options.cache, { file, sha256, ...rest })), file, sha256, size, from }
}
