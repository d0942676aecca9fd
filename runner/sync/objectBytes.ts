/** The content of an object on its way to a file: asked for again where the connection breaks, unpacked, verified. */
import { createHash, type Hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { BuildStackError } from '../errors.ts'
import type { ObjectStore } from '../s3/objectStore.ts'
import { FileProblem } from './fileProblem.ts'
import { type Found, sizeOf } from './restoreTarget.ts'

/** A download that breaks off so often, and brings nothing in between, is given up. */
const ATTEMPTS = 6

/** As stored, from byte `from` on. @throws FileProblem when the server ends it too early, each time. */
export async function* bytesOf(
  store: ObjectStore,
  { wanted: { key, version }, head }: Pick<Found, 'wanted' | 'head'>,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let at = from
  for (let failures = 0; at < head.size; ) {
    const before = at
    let fault: unknown
    try {
      const rest = at > 0 ? { from: at, etag: head.etag } : {}
      const { body } = await store.get(key, { version, signal, ...rest })
      for await (const piece of body as AsyncIterable<Buffer>) {
        at += piece.length
        yield piece
      }
    } catch (error) {
      // Said by the store: not a connection that broke.
      if (error instanceof BuildStackError || signal.aborted) throw error
      fault = error
    }
    if (at >= head.size) return
    failures = at > before ? 1 : failures + 1
    if (failures === ATTEMPTS) throw fault ?? new FileProblem('the server ends it too early, each time')
    await sleep(100 * 2 ** failures, undefined, { signal })
  }
}

/** The file that it was, verified; for what fits into memory. @throws FileProblem for content that is not what was put. */
export async function contentOf(store: ObjectStore, found: Found, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of bytesOf(store, found, 0, signal)) pieces.push(piece)
  const stored = Buffer.concat(pieces)
  const content = found.record?.packed ? unpacked(stored, found.record.size) : stored
  const check = checkOf(found)
  check?.hash.update(content)
  if (content.length !== sizeOf(found) || !isRight(check)) throw damaged()
  return content
}

/** @throws FileProblem for what is not packed, or not of this size. */
export function unpacked(stored: Buffer, size: number): Buffer {
  try {
    return gunzipSync(stored, { maxOutputLength: size || 1 })
  } catch {
    throw damaged()
  }
}

/** What tells whether the file's content is right, once all of it went through the hash. */
export interface Check {
  hash: Hash
  wanted: string
}

/** What others put has the MD5 of its content as etag, unless it came in parts: then nothing tells. */
export function checkOf({ record, head }: Pick<Found, 'record' | 'head'>): Check | undefined {
  if (record) return { hash: createHash('sha256'), wanted: record.sha256 }
  return /^[0-9a-f]{32}$/.test(head.etag) ? { hash: createHash('md5'), wanted: head.etag } : undefined
}

export function isRight(check: Check | undefined): boolean {
  return check === undefined || check.hash.digest('hex') === check.wanted
}

export function damaged(): FileProblem {
  return new FileProblem('its content is not what was put: it is damaged, or somebody else’s')
}
