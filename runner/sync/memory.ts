/** What this machine knows of a bucket from one run to the next: the cache, and the uploads that were begun. */
import { BuildStackError } from '../errors.ts'
import type { ObjectStore } from '../s3/objectStore.ts'
import { type Cached, type CacheOf, readCache, type SyncCache, writeCache } from './cacheFile.ts'
import type { Profile } from './profile.ts'
import { BegunUploads } from './uploads.ts'

export class Memory {
  /** Whether there was one to begin with. */
  readonly usable: boolean
  readonly begun: BegunUploads
  readonly #path: string | undefined
  readonly #of: CacheOf
  readonly #cache: SyncCache
  #changed = false

  constructor(profile: Profile, onNote: (text: string) => void) {
    this.#path = profile.cache
    const { endpoint, bucket } = profile.store
    this.#of = { endpoint, bucket, prefix: profile.prefix }
    const { cache, problem } = this.#path === undefined ? {} : readCache(this.#path, this.#of)
    if (problem !== undefined) onNote(`the cache ${this.#path} is not used: ${problem}`)
    this.usable = cache !== undefined
    this.#cache = cache ?? { objects: new Map(), bucketAcl: undefined }
    this.begun = new BegunUploads(profile.uploads)
  }

  get objects(): ReadonlyMap<string, Cached> {
    return this.#cache.objects
  }

  /** Takes what was found; what is not needed was not looked at, and is not known. */
  replace(found: ReadonlyMap<string, Cached>, needed: (key: string) => boolean): void {
    const before = this.#cache.objects
    this.#cache.objects = new Map()
    for (const [key, object] of found) {
      const known = before.get(key)
      if (!needed(key) && known?.etag !== object.etag) continue
      this.#cache.objects.set(key, object)
      if (known?.modified !== object.modified || known.etag !== object.etag) this.#changed = true
    }
    if (before.size !== this.#cache.objects.size) this.#changed = true
  }

  keep(key: string, object: Cached): void {
    const before = this.#cache.objects.get(key)
    if (before?.etag === object.etag && before.base === object.base && before.record === object.record) return
    this.#cache.objects.set(key, object)
    this.#changed = true
  }

  forget(key: string): void {
    this.#cache.objects.delete(key)
    this.#changed = true
  }

  async setAcl(store: ObjectStore, { bucketAcl }: Profile): Promise<void> {
    if (bucketAcl === undefined || bucketAcl === this.#cache.bucketAcl) return
    await store.setBucketAcl(bucketAcl)
    this.#cache.bucketAcl = bucketAcl
    this.#changed = true
  }

  /** Ends uploads of earlier runs that nobody will go on with: the server would keep their parts. */
  async abandon(store: ObjectStore, wanted: ReadonlySet<string>): Promise<void> {
    for (const { key, upload } of this.begun.keys()) {
      if (wanted.has(key)) continue
      await store.abortUpload(key, upload)
      this.begun.delete(key)
    }
  }

  save(): void {
    if (this.#path === undefined || !this.#changed) return
    try {
      writeCache(this.#path, this.#of, this.#cache)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw new BuildStackError('HOST', `cannot write the cache ${this.#path}: ${code}`, {
        next: 'Correct "cache" of the profile, or free some space. The bucket is as it should be.',
        cause: error,
      })
    }
  }
}
