/** The sha256 of a file of this machine. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** Hex digits and the size in bytes. Streams, so a large archive costs no memory. Rejects as fs does (ENOENT). */
export async function sha256OfFile(
  path: string,
  signal?: AbortSignal,
): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  const stream = createReadStream(path, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) })
  for await (const piece of stream as AsyncIterable<Buffer>) {
    hash.update(piece)
    size += piece.length
  }
  return { sha256: hash.digest('hex'), size }
}
