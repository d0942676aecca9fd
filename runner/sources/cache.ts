/**
 * The cache of verified sources: <cache>/sha256/<hex>/<file>. What has its final name there was complete and right
 * when it got it. Bytes on their way lie beside it as .FILE.part-HOST-PID-N: no two fetches write to the same one,
 * and what a killed or failed fetch left is taken over by the next.
 */
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { isRunning } from '../local.ts'
import { sha256OfFile } from './checksum.ts'
import { PlaceFailure, type Wanted } from './source.ts'

/** Where a verified archive lies or would lie; a user may put a file there by hand. */
export function cachePath(cache: string, wanted: Wanted): string {
  return join(cache, 'sha256', wanted.sha256, wanted.file)
}

/** The size of the entry when it is there and right. A damaged one is removed. */
export async function findInCache(
  cache: string,
  wanted: Wanted,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const path = cachePath(cache, wanted)
  try {
    const { sha256, size } = await sha256OfFile(path, signal)
    if (sha256 === wanted.sha256) {
      // The last use: gc takes the oldest. Somebody else's file can be used all the same.
      await utimes(path, new Date(), new Date()).catch(() => {})
      return size
    }
    await rm(path, { force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return undefined
}

let parts = 0

/** A part file of this fetch alone: an abandoned one, else an empty one. Give it to keepPart or abandonPart. */
export async function claimPart(cache: string, wanted: Wanted): Promise<string> {
  const folder = dirname(cachePath(cache, wanted))
  await mkdir(folder, { recursive: true })
  parts += 1
  const own = join(folder, `${partPrefix(wanted)}${thisHost()}-${process.pid}-${parts}`)
  for (const left of await abandonedParts(folder, partPrefix(wanted))) {
    try {
      await rename(left, own)
      return own
    } catch (error) {
      // Another fetch was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  await (await open(own, 'w')).close()
  return own
}

/** Leaves the bytes so far, if any, to the next fetch. */
export async function abandonPart(part: string): Promise<void> {
  const size = (await stat(part).catch(() => undefined))?.size
  if (size === 0) await rm(part, { force: true })
  else if (size !== undefined) await rename(part, `${part}-free`)
}

/**
 * Verifies a finished part and gives it its final name. Returns its size in bytes. Rejects with PlaceFailure, the part
 * removed, when it is not the archive wanted.
 */
export async function keepPart(
  part: string,
  cache: string,
  wanted: Wanted,
  signal?: AbortSignal,
): Promise<number> {
  const { sha256, size } = await sha256OfFile(part, signal)
  if (sha256 !== wanted.sha256) {
    await rm(part, { force: true })
    throw new PlaceFailure(`expected sha256 ${wanted.sha256}, got ${sha256} (${size} bytes)`, sha256)
  }
  const path = cachePath(cache, wanted)
  await sync(part)
  await rename(part, path)
  await sync(dirname(path))
  for (const left of await abandonedParts(dirname(path), partPrefix(wanted))) await rm(left, { force: true })
  return size
}

/** The error for a cache that cannot be written or read; no other place would help. */
export function cacheError(error: NodeJS.ErrnoException, cache: string): BuildStackError {
  return new BuildStackError('SOURCE', `the cache of sources cannot be used: ${error.message}`, {
    next: `make room or give yourself access below ${cache}, or set BUILD_STACK_CACHE to another folder`,
    cause: error,
  })
}

function partPrefix(wanted: Wanted): string {
  return `.${wanted.file}.part-`
}

function thisHost(): string {
  return hostname()
    .replace(/[^A-Za-z0-9]/g, '_')
    .slice(0, 40)
}

/** The largest first: it has the most done. */
async function abandonedParts(folder: string, prefix: string): Promise<string[]> {
  const found: { path: string; size: number }[] = []
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue
    const path = join(folder, name)
    const state = await stat(path).catch(() => undefined)
    if (state && isAbandoned(name.slice(prefix.length), state.mtimeMs)) found.push({ path, size: state.size })
  }
  return found.sort((a, b) => b.size - a.size).map(({ path }) => path)
}

const HOUR = 3_600_000

function isAbandoned(owner: string, changed: number): boolean {
  if (owner.endsWith('-free')) return true
  const [host, pid] = owner.split('-')
  if (host === thisHost() && Number(pid) > 0) return !isRunning(Number(pid))
  // A folder shared with another machine, whose processes cannot be asked; a living download writes more often.
  return Date.now() - changed > HOUR
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
