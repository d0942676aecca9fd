/**
 * The bucket behind the store that controllers share. Nothing fails here that a run could not do without: what goes wrong is
 * said once, and the store is left alone from then on.
 */
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BuildStackError } from '../errors.ts'
import type { ObjectStore, StoreSettings } from '../s3/objectStore.ts'
import { putFile } from './putFile.ts'

export interface SharedBucketOptions {
  settings: StoreSettings
  /** All keys begin with it; ends with "/", or is empty. */
  prefix: string
  /** File that notes which large uploads were begun. */
  uploads: string
  signal: AbortSignal
  onNote: (text: string) => void
}

/** An object as far as it has come. */
export interface Arriving {
  /** Bytes. */
  size: number
  body: Readable
}

type Deed = 'reading' | 'writing'

export class SharedBucket {
  /** As a user would name it. */
  readonly name: string
  readonly note: (text: string) => void
  readonly #options: SharedBucketOptions
  /** What is not tried any more. */
  readonly #abandoned = new Set<Deed>()
  #store: Promise<ObjectStore> | undefined
  #writes: Promise<void> = Promise.resolve()
  /** Objects that are still to be written. */
  #waiting = 0
  #fault: unknown

  constructor(options: SharedBucketOptions) {
    this.#options = options
    this.note = options.onNote
    this.name = `s3://${options.settings.bucket}/${options.prefix}`
  }

  /** What `use` makes of the object; undefined when it is not there or cannot be had. @throws what the signal says. */
  read<T>(key: string, use: (found: Arriving) => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#options
    return this.#attempt('reading', async (store) => {
      const found = await store.find(this.#key(key), { signal })
      return found && use({ size: found.head.size, body: found.body })
    })
  }

  /**
   * Behind what is being written already, while the run goes on. `ifMissing`: unless there is such an
   * object; else in place of whatever is there.
   */
  write(key: string, content: Buffer | { path: string }, { ifMissing = false } = {}): void {
    const { signal, uploads } = this.#options
    this.#waiting += 1
    this.#writes = this.#writes
      .then(() =>
        this.#attempt('writing', async (store) => {
          const whole = this.#key(key)
          if (ifMissing && (await store.head(whole))) return
          if ('path' in content) await putFile(store, whole, content.path, { uploads, signal })
          else await store.put(whole, content, { metadata: {} })
        }),
      )
      .catch((fault) => {
        // Of one that was stopped, the run says so.
        if (!signal.aborted) this.#fault ??= fault
      })
      .finally(() => {
        this.#waiting -= 1
      })
  }

  /** When everything is written. */
  async close(): Promise<void> {
    if (this.#waiting > 0 && !this.#abandoned.has('writing') && !this.#options.signal.aborted)
      this.note(`waiting until what was built and fetched is in the store ${this.name}`)
    await this.#writes
    const store = await this.#store?.catch(() => undefined)
    store?.close()
    if (this.#fault !== undefined) throw this.#fault
  }

  async #attempt<T>(deed: Deed, request: (store: ObjectStore) => Promise<T>): Promise<T | undefined> {
    if (this.#abandoned.has(deed) || this.#abandoned.has('reading')) return undefined
    const { signal, settings } = this.#options
    try {
      this.#store ??= opened(settings)
      return await request(await this.#store)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (!(error instanceof BuildStackError) && (error as NodeJS.ErrnoException).code === undefined)
        throw error
      const isFirst = !this.#abandoned.has(deed) && !this.#abandoned.has('reading')
      this.#abandoned.add(deed)
      const lost = deed === 'reading' ? 'is not used' : 'gets nothing from this run'
      if (isFirst) this.note(`the store ${this.name} ${lost}: ${(error as Error).message}`)
      return undefined
    }
  }

  #key(key: string): string {
    return this.#options.prefix + key
  }
}

/** So often a request is made, in all: a build can begin meanwhile. */
const ATTEMPTS = 3

/** The library for S3 takes a moment to load: a run that has nothing to do does without. */
async function opened(settings: StoreSettings): Promise<ObjectStore> {
  const [{ openStore }, { withUsualPlaces }] = await Promise.all([
    import('../s3/client.ts'),
    import('../s3/usualPlaces.ts'),
  ])
  return openStore({ ...(await withUsualPlaces(settings)), attempts: ATTEMPTS })
}

/** The whole object as a file. False, and nothing is written, for one of another size. */
export async function saved(
  { size, body }: Arriving,
  file: string,
  expected: number | undefined,
): Promise<boolean> {
  if (expected !== undefined && size !== expected) {
    body.destroy()
    return false
  }
  try {
    await pipeline(body, createWriteStream(file))
    return true
  } catch (error) {
    await rm(file, { force: true })
    throw error
  }
}
