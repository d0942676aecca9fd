/** What this machine keeps, brought below its limits: packages, sources and logs, oldest use first, and interrupted leftovers. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { ControllerStore } from '../packages/controllerStore.ts'
import type { Removed } from './removed.ts'
import { beyondLimit, type Stored } from './spaceLimit.ts'

/** Bytes. */
export interface SpaceLimits {
  packages: number
  sources: number
  logs: number
}

export interface CleanupOptions {
  dryRun: boolean
  now: Date
  /** Milliseconds: what was used since is left alone, beyond the limit too; nothing is without it. */
  sparing?: number
}

interface Found extends Stored {
  path: string
}

const DAY = 86_400_000
/** Bytes on their way: of packages, sources and inventories. */
const LEFTOVER = /(\.next|\.part-[^/]*|\.json\.\d+)$/

/** `cache`: the folder that holds packages, sources, logs. */
export async function cleanController(
  cache: string,
  limits: SpaceLimits,
  options: CleanupOptions,
): Promise<Removed[]> {
  const lastUse = options.now.getTime() - (options.sparing ?? 0)
  const isFree = ({ usedAt }: Stored) => usedAt.getTime() <= lastUse
  const remove = async (path: string) => {
    if (!options.dryRun) await rm(path, { recursive: true, force: true })
  }
  const store = new ControllerStore(join(cache, 'packages'))
  const packages = beyondLimit(
    (await store.sizes()).map(({ name, size, usedAt }) => ({ name, bytes: size, usedAt })),
    limits.packages,
  ).filter(isFree)
  if (!options.dryRun) for (const { name } of packages) await store.remove(name)

  const isLeftover = ({ path, usedAt }: Found) =>
    LEFTOVER.test(path) && options.now.getTime() - usedAt.getTime() > DAY
  const everything = (
    await Promise.all(['packages', 'sources', 'logs'].map((name) => filesIn(join(cache, name))))
  ).flat()
  const leftovers = everything.filter(isLeftover)
  const below = (name: string) =>
    everything.filter(
      (file) => !LEFTOVER.test(file.path) && !relative(join(cache, name), file.path).startsWith('..'),
    )
  const sources = beyondLimit(below('sources'), limits.sources).filter(isFree)
  const logs = beyondLimit(below('logs'), limits.logs).filter(isFree)
  for (const { path } of [...leftovers, ...sources, ...logs]) await remove(path)

  const shown = (kind: Removed['kind']) => (file: Found) => ({
    kind,
    name: relative(cache, file.path),
    bytes: file.bytes,
  })
  return [
    ...packages.map(({ name, bytes }): Removed => ({ kind: 'package', name, bytes })),
    ...sources.map(shown('source')),
    ...logs.map(shown('log')),
    ...leftovers.map(shown('leftover')),
  ]
}

/** None for a folder that is not there. */
async function filesIn(folder: string): Promise<Found[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const found = await Promise.all(
    files.map(async (path): Promise<Found[]> => {
      const status = await stat(path).catch(() => undefined)
      return status ? [{ path, bytes: status.size, usedAt: status.mtime }] : []
    }),
  )
  return found.flat()
}
