/**
 * What is in the bucket: from one listing, and a HEAD request for each object that the cache does not know as it is now;
 * or from the cache alone.
 */
import { CONNECTIONS } from '../s3/connection.ts'
import type { ObjectStore } from '../s3/objectStore.ts'
import type { Cached } from './cacheFile.ts'
import { inParallel } from './inParallel.ts'
import { RESERVED } from './keys.ts'
import { recordOf } from './record.ts'

export interface LookOptions {
  prefix: string
  /** What is known. */
  cached: ReadonlyMap<string, Cached>
  /** Objects that have to be known whole; of the others the listing is enough. */
  needed: (key: string) => boolean
}

export async function remoteObjects(store: ObjectStore, options: LookOptions): Promise<Map<string, Cached>> {
  const { prefix, cached, needed } = options
  const found = new Map<string, Cached>()
  const unknown: string[] = []
  for await (const page of store.list(prefix)) {
    for (const { key, etag, size, modified } of page) {
      if (key.startsWith(prefix + RESERVED)) continue
      const known = cached.get(key)
      const time = modified.getTime()
      // Headers can change without the etag: then the time tells.
      if (known && known.etag === etag && (known.modified === time || known.modified === 0)) {
        found.set(key, { ...known, stored: size, modified: time })
        continue
      }
      // The same content under other headers: what this machine had of it, it still has.
      const base = known?.etag === etag && known.base
      found.set(key, { etag, stored: size, modified: time, base, record: undefined })
      if (needed(key)) unknown.push(key)
    }
  }
  await inParallel(unknown, CONNECTIONS, async (key) => {
    const head = await store.head(key)
    const listed = found.get(key) as Cached
    // Gone since the listing.
    if (!head) found.delete(key)
    // The time of the listing: that of HEAD has no milliseconds.
    else if (head.etag === listed.etag) found.set(key, { ...listed, record: recordOf(head) })
    else {
      const { etag, size: stored } = head
      found.set(key, { etag, stored, modified: 0, base: false, record: recordOf(head) })
    }
  })
  return found
}
