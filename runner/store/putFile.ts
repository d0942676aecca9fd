/** A file of this machine as an object: small ones in one request, large ones in parts that a later run goes on with. */
import { readFile, stat } from 'node:fs/promises'
import type { ObjectStore } from '../s3/objectStore.ts'
import { localFiles } from '../sync/localFiles.ts'
import { Room } from '../sync/room.ts'
import { BegunUploads, hashesOf, putInParts, SINGLE_REQUEST } from '../sync/uploads.ts'

/** Bytes of it that are in memory. */
const ROOM = 64 * 1024 ** 2

/** `uploads`: the file that notes what was begun. @throws what the store or the file system says. */
export async function putFile(
  store: ObjectStore,
  key: string,
  path: string,
  { uploads, signal }: { uploads: string; signal: AbortSignal },
): Promise<void> {
  const put = { metadata: {} }
  if ((await stat(path)).size <= SINGLE_REQUEST) {
    await store.put(key, await readFile(path), put)
    return
  }
  const file = await localFiles.open(path)
  try {
    const room = new Room(ROOM)
    const hashes = await hashesOf(file, room, signal)
    const begun = new BegunUploads(uploads)
    const rest = { onBytes: () => {}, beforeEnd: async () => {} }
    await putInParts(store, file, { key, put, hashes, begun, room, signal, ...rest })
  } finally {
    await file.close()
  }
}
