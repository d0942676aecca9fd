/** Restored files on this machine. */
import { chmodSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { CONNECTIONS } from '../s3/connection.ts'
import type { ObjectStore } from '../s3/objectStore.ts'
import { FileProblem } from './fileProblem.ts'
import { inParallel } from './inParallel.ts'
import { microseconds } from './localFiles.ts'
import { lstatOf, makeFolders, restoreFile } from './restoredFile.ts'
import {
  attributesOf,
  decide,
  deepestFirst,
  type Found,
  modeOfFolder,
  type Outcome,
  type RestoreTarget,
  type Standing,
  type TargetOptions,
  type Tell,
} from './restoreTarget.ts'

/** Below the connections: each has a body on its way. */
const FILES_AT_ONCE = CONNECTIONS / 2

export class LocalTarget implements RestoreTarget {
  readonly #store: ObjectStore
  readonly #options: TargetOptions

  constructor(store: ObjectStore, options: TargetOptions) {
    this.#store = store
    this.#options = options
  }

  async files(found: readonly Found[], tell: Tell): Promise<void> {
    await inParallel(found, FILES_AT_ONCE, async (one) => {
      this.#options.signal.throwIfAborted()
      try {
        tell(one, await this.#file(one))
      } catch (error) {
        tell(one, { error })
      }
    })
  }

  async folders(found: readonly Found[], tell: Tell): Promise<void> {
    for (const one of deepestFirst(found)) {
      try {
        tell(one, this.#folder(one))
      } catch (error) {
        tell(one, { error })
      }
    }
  }

  async #file(found: Found): Promise<Outcome> {
    const { dryRun, overwrite, signal, onBytes } = this.#options
    const { base, path } = found.wanted
    const place = join(base, path)
    const decision = decide(standingOf(place), found.record, overwrite)
    if (decision === 'mode' && !dryRun) chmodSync(place, attributesOf(found).mode)
    if (decision === 'same' || decision === 'mode') return 'same'
    if (!dryRun) {
      makeFolders(base, path)
      await restoreFile(found, { store: this.#store, signal, onBytes })
    }
    return decision
  }

  #folder(found: Found): Outcome {
    const { base, path } = found.wanted
    const place = join(base, path)
    const stat = lstatOf(place)
    const mode = modeOfFolder(found)
    if (stat?.isDirectory() && (stat.mode & 0o7777) === mode) return 'same'
    if (stat && !stat.isDirectory()) throw new FileProblem('there is something else in the place of a folder')
    if (!this.#options.dryRun) {
      makeFolders(base, `${path}/`)
      chmodSync(place, mode)
    }
    return 'restore'
  }
}

function standingOf(path: string): Standing | undefined {
  const stat = lstatOf(path)
  if (!stat) return undefined
  const type = typeOf(stat)
  const standing = { type, size: stat.size, mtime: microseconds(stat), mode: stat.mode & 0o7777 }
  return type === 'link' ? { ...standing, target: readlinkSync(path) } : standing
}

function typeOf(stat: Stats): Standing['type'] {
  if (stat.isFile()) return 'file'
  if (stat.isSymbolicLink()) return 'link'
  return stat.isDirectory() ? 'folder' : 'other'
}
