/** Large files in parts. What was begun is noted on this machine, so that a run that was cut off is gone on with. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Guard, ObjectStore, PutOptions, UploadedPart } from '../s3/objectStore.ts'
import type { OpenFile } from './entry.ts'
import { inParallel } from './inParallel.ts'
import type { Room } from './room.ts'

const MB = 1024 * 1024
/** Files up to this size go in one request. */
export const SINGLE_REQUEST = 16 * MB
const SMALLEST_PART = 16 * MB
const MOST_PARTS = 9000
/** Of a file. */
const PARTS_AT_ONCE = 4

export interface Hashes {
  sha256: string
  partSize: number
  /** MD5 of each part. */
  parts: Buffer[]
}

export function partSizeOf(size: number): number {
  return Math.max(SMALLEST_PART, Math.ceil(size / MOST_PARTS / MB) * MB)
}

/** Hashed between two looks at what the server answers. */
const STRIDE = MB

/** One reading of the whole file. */
export async function hashesOf(file: OpenFile, room: Room, signal: AbortSignal): Promise<Hashes> {
  const partSize = partSizeOf(file.size)
  const whole = createHash('sha256')
  const parts: Buffer[] = []
  for (let from = 0; from < file.size; from += partSize) {
    const length = Math.min(partSize, file.size - from)
    const part = createHash('md5')
    await room.with(length, async () => {
      const bytes = await file.read(from, length)
      for (let at = 0; at < bytes.length; at += STRIDE) {
        const stride = bytes.subarray(at, at + STRIDE)
        whole.update(stride)
        part.update(stride)
        await turn()
        signal.throwIfAborted()
      }
    })
    parts.push(part.digest())
  }
  return { sha256: whole.digest('hex'), partSize, parts }
}

interface Begun {
  upload: string
  /** Everything that the upload was begun with: another content or other metadata is another upload. */
  of: string
}

/** The uploads that were begun and not ended, by their keys. */
export class BegunUploads {
  readonly #file: string
  readonly #begun: Map<string, Begun>

  /** `file` is made when there is something to note. */
  constructor(file: string) {
    this.#file = file
    this.#begun = new Map(Object.entries(readNotes(file)))
  }

  get(key: string): Begun | undefined {
    return this.#begun.get(key)
  }

  /** What was begun for a key, whatever for. */
  keys(): { key: string; upload: string }[] {
    return [...this.#begun].map(([key, { upload }]) => ({ key, upload }))
  }

  set(key: string, upload: string, of: string): void {
    this.#begun.set(key, { upload, of })
    this.#write()
  }

  delete(key: string): void {
    if (this.#begun.delete(key)) this.#write()
  }

  #write(): void {
    if (this.#begun.size === 0) {
      rmSync(this.#file, { force: true })
      return
    }
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 })
    const next = `${this.#file}.${process.pid}`
    writeFileSync(next, JSON.stringify(Object.fromEntries(this.#begun)), { mode: 0o600 })
    renameSync(next, this.#file)
  }
}

function readNotes(file: string): Record<string, Begun> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Begun>
  } catch {
    // Not there, or damaged: then everything is begun anew.
    return {}
  }
}

export interface PartsOptions {
  key: string
  put: PutOptions
  hashes: Hashes
  begun: BegunUploads
  /** For the parts that are in memory. */
  room: Room
  signal: AbortSignal
  onBytes: (count: number) => void
  /** Looks once more before the parts become the object; rejects when they must not. */
  beforeEnd: () => Promise<void>
}

/** Parts that are there already, from another run, stay. The server refuses a part that is not what was hashed. */
export async function putInParts(store: ObjectStore, file: OpenFile, options: PartsOptions): Promise<void> {
  const { key, put, hashes, begun, room, signal, onBytes } = options
  const { guard, ...settings } = put
  const { expires: _, ...headers } = settings.headers ?? {}
  // Without a date that is another one for each run: the metadata have the rule.
  const of = createHash('sha256')
    .update(JSON.stringify([hashes.sha256, hashes.partSize, { ...settings, headers }]))
    .digest('hex')
  const known = begun.get(key)
  // The server would keep its parts.
  if (known && known.of !== of) await store.abortUpload(key, known.upload)
  const there = known?.of === of ? await store.uploadedParts(key, known.upload) : undefined
  const upload = known && there ? known.upload : await store.beginUpload(key, settings)
  begun.set(key, upload, of)
  const done = new Map<number, UploadedPart>()
  for (const part of there ?? []) {
    if (part.etag !== hashes.parts[part.number - 1]?.toString('hex')) continue
    done.set(part.number, part)
    onBytes(part.size)
  }
  const missing = [...hashes.parts.keys()].map((index) => index + 1).filter((number) => !done.has(number))
  await inParallel(missing, PARTS_AT_ONCE, async (number) => {
    signal.throwIfAborted()
    const from = (number - 1) * hashes.partSize
    const size = Math.min(hashes.partSize, file.size - from)
    await room.with(size, async () => {
      const bytes = await file.read(from, size)
      const etag = await store.putPart(key, upload, number, bytes, hashes.parts[number - 1] as Buffer)
      done.set(number, { number, etag, size: bytes.length })
    })
    onBytes(size)
  })
  await options.beforeEnd()
  const parts = [...done.values()].sort((a, b) => a.number - b.number)
  await store.completeUpload(key, upload, parts, guard as Guard | undefined)
  begun.delete(key)
}
