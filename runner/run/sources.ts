/** Fetches what a plan's builds need to this machine, before the first of them starts. */
import type { JobSource } from '../build/job.ts'
import { BuildStackError } from '../errors.ts'
import { cacheFolder } from '../paths.ts'
import type { Action } from '../plan/plan.ts'
import type { Facts } from '../probe/facts.ts'
import type { SharedSources } from '../sources/fetch.ts'

export interface SourceOptions {
  offline: boolean
  /** Archives that the user gathered. */
  sourceFolder: string | undefined
  signal: AbortSignal
  /** Where controllers share what they verified. */
  shared?: SharedSources | undefined
}

export type FetchedJobSource = JobSource & { uncompressedBytes: number }

/** Several hosts of a run share what is being fetched. */
export class Sources {
  readonly #options: SourceOptions
  readonly #fetches = new Map<string, Promise<FetchedJobSource | undefined>>()

  constructor(options: SourceOptions) {
    this.#options = options
  }

  /** Undefined for what the host's package manager has, and for what has no source. @throws BuildStackError SOURCE; see sources/fetch.ts and sources/archive.ts. */
  get(
    action: Action,
    onProgress: (done: number, total: number | undefined, what: string) => void,
  ): Promise<FetchedJobSource | undefined> {
    const key = `${action.recipe} ${action.version}`
    const known = this.#fetches.get(key) ?? this.#fetch(action, onProgress)
    this.#fetches.set(key, known)
    return known
  }

  async #fetch(
    action: Action,
    onProgress: (done: number, total: number | undefined, what: string) => void,
  ): Promise<FetchedJobSource | undefined> {
    const { source } = action.build
    if ('packages' in source || 'none' in source) return undefined
    const [{ fetchSource }, { fetchCheckout }, { checkArchive }] = await Promise.all([
      import('../sources/fetch.ts'),
      import('../sources/git.ts'),
      import('../sources/archive.ts'),
    ])
    const options = {
      ...this.#options,
      cache: cacheFolder('sources'),
      onProgress,
      recipe: `${action.recipe} ${action.version}`,
    }
    const fetched =
      'git' in source
        ? await fetchCheckout(source, { ...options, name: action.recipe })
        : await fetchSource(
            { ...source, sha256: source.sha256, alternatives: source.alternatives ?? [] },
            options,
          )
    const { root, uncompressedBytes } = await checkArchive(fetched.path, this.#options.signal)
    return {
      path: fetched.path,
      file: fetched.file,
      sha256: fetched.sha256,
      size: fetched.size,
      root,
      uncompressedBytes,
    }
  }
}

/** A build needs about four times its source: unpacked, its objects, the stage, the copy that is switched. */
const SPACE_FACTOR = 4

export function workBytesOf(uncompressedBytes: number): number {
  return uncompressedBytes * SPACE_FACTOR
}

/** Better now than in the middle of a build. */
export function requireSpace(uncompressedBytes: number, facts: Facts, host: string, work: string): void {
  const free = facts.diskFree.work
  const needed = workBytesOf(uncompressedBytes)
  if (free === undefined || free >= needed) return
  const megabytes = (bytes: number, round: typeof Math.ceil) => `${round(bytes / 1e6)} MB`
  throw new BuildStackError(
    'HOST',
    `${work} has ${megabytes(free, Math.floor)} free; the build needs about ${megabytes(needed, Math.ceil)}`,
    {
      host,
      next: `free some space there, or set "work" in hosts.yaml to a folder on a larger disk`,
    },
  )
}
