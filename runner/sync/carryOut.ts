/** Carries out one action on the bucket. Nothing is written over that is not what the plan was made for. */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { type Guard, type ObjectStore, type PutOptions, Refused } from '../s3/objectStore.ts'
import type { Alike, Known, SyncAction } from './compare.ts'
import type { Entry, OpenFile } from './entry.ts'
import { FileProblem } from './fileProblem.ts'
import { metadataOf, type ObjectRecord, type ObjectSettings } from './record.ts'
import type { Room } from './room.ts'
import { expiryOf } from './rules.ts'
import { type BegunUploads, hashesOf, putInParts, SINGLE_REQUEST } from './uploads.ts'

export interface CarryOutOptions {
  me: string
  begun: BegunUploads
  /** For what is in memory of files. */
  room: Room
  signal: AbortSignal
  onBytes: (count: number) => void
}

/** What the bucket has now. `kind` says how it came about: a put of the same content is but an update. */
export interface Done {
  kind: 'put' | 'update'
  known: Known
}

/** Not in the thread that talks to the server. */
const packed = promisify(gzip)
const TRIES = 3
/** S3 copies no more in one request; larger objects are put again. */
const LARGEST_COPY = 5 * 1024 ** 3

type Put = Extract<SyncAction, { kind: 'put' }>
type Update = Extract<SyncAction, { kind: 'update' }>

export async function carryOut(
  store: ObjectStore,
  action: Put | Update,
  options: CarryOutOptions,
): Promise<Done> {
  const { entry } = action
  if (action.kind === 'update' && entry.size <= LARGEST_COPY) {
    const record = recordFor(entry, action.settings, action.sha256, options.me)
    return rewritten(store, record, entry.key, action.etag)
  }
  const put: Put = action.kind === 'put' ? action : { ...action, kind: 'put', guard: { etag: action.etag } }
  if (entry.type !== 'file') return putText(store, put, options)
  let { size } = entry
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const isWhole = (bytes: number) => bytes <= SINGLE_REQUEST || put.settings.packed
    const once = async (): Promise<Done | undefined> => {
      const file = await entry.source.open(entry.path)
      const now = { ...put, entry: { ...entry, size: file.size, mtime: file.mtime, mode: file.mode } }
      try {
        // It has grown, or shrunk, to one that goes the other way.
        if (isWhole(file.size) !== isWhole(size)) return undefined
        return isWhole(size)
          ? await putWhole(store, file, now, options)
          : await putLarge(store, file, now, options)
      } finally {
        size = file.size
        await file.close()
      }
    }
    const done = isWhole(size) ? await options.room.with(size, once) : await once()
    if (done) return done
  }
  throw new FileProblem('it changed while it was read')
}

function recordFor(entry: Entry, settings: ObjectSettings, sha256: string, by: string): ObjectRecord {
  const { type, size, mtime, mode } = entry
  return { ...settings, type, size, mtime, mode, sha256, by }
}

function putOptions(record: ObjectRecord, guard: Guard | undefined): PutOptions {
  const expires = expiryOf(record.expires, new Date())
  return { headers: { ...record.headers, expires }, metadata: metadataOf(record), acl: record.acl, guard }
}

async function putText(
  store: ObjectStore,
  { entry, settings, guard }: Put,
  options: CarryOutOptions,
): Promise<Done> {
  const body = Buffer.from(entry.target ?? '')
  const record = recordFor(entry, settings, sha256(body), options.me)
  return { kind: 'put', known: await guardedPut(store, entry.key, body, record, guard) }
}

/** Undefined when the file changed while it was read. */
async function putWhole(
  store: ObjectStore,
  file: OpenFile,
  put: Put,
  options: CarryOutOptions,
): Promise<Done | undefined> {
  const { entry, settings, guard, alike } = put
  const bytes = await file.read(0, file.size)
  if (bytes.length !== file.size || !(await file.unchanged())) return undefined
  const record = recordFor(entry, settings, sha256(bytes), options.me)
  if (alike) {
    const same =
      alike.sha256 === undefined
        ? createHash('md5').update(bytes).digest('hex') === alike.etag
        : record.sha256 === alike.sha256
    const update = await ifAlike(same, alike, store, record, entry.key)
    if (update) return update
  }
  const body = settings.packed ? await packed(bytes, { level: constants.Z_BEST_COMPRESSION }) : bytes
  const known = await guardedPut(store, entry.key, body, record, guard)
  options.onBytes(entry.size)
  return { kind: 'put', known }
}

async function putLarge(
  store: ObjectStore,
  file: OpenFile,
  put: Put,
  options: CarryOutOptions,
): Promise<Done | undefined> {
  const { entry, settings, guard, alike } = put
  const hashes = await hashesOf(file, options.room, options.signal)
  if (!(await file.unchanged())) return undefined
  const record = recordFor(entry, settings, hashes.sha256, options.me)
  if (alike) {
    const update = await ifAlike(alike.sha256 === record.sha256, alike, store, record, entry.key)
    if (update) return update
  }
  const { begun, room, signal, onBytes } = options
  try {
    await putInParts(store, file, {
      ...{ key: entry.key, put: putOptions(record, guard), hashes, begun, room, signal, onBytes },
      // Not every server checks the conditions of what comes in parts.
      beforeEnd: () => mustHold(store, entry.key, guard),
    })
  } catch (error) {
    if (!(await file.unchanged())) return undefined
    throw error
  }
  const head = await store.head(entry.key)
  if (head?.metadata.sha256 !== record.sha256) throw new Refused()
  return { kind: 'put', known: { etag: head.etag, stored: head.size, record, base: true } }
}

async function ifAlike(
  same: boolean,
  { etag, refuse }: Alike,
  store: ObjectStore,
  record: ObjectRecord,
  key: string,
): Promise<Done | undefined> {
  if (same && record.size <= LARGEST_COPY) return rewritten(store, record, key, etag)
  if (refuse !== undefined) throw new FileProblem(refuse)
  return undefined
}

async function rewritten(store: ObjectStore, record: ObjectRecord, key: string, etag: string): Promise<Done> {
  // Not every server checks the conditions of a copy onto itself.
  await mustHold(store, key, { etag })
  const now = await store.rewrite(key, etag, putOptions(record, undefined))
  const head = await store.head(key)
  return { kind: 'update', known: { etag: head?.etag ?? now, stored: head?.size ?? 0, record, base: true } }
}

/** @throws Refused when the object is not what the guard says. */
async function mustHold(store: ObjectStore, key: string, guard: Guard | undefined): Promise<void> {
  if (guard === undefined) return
  const head = await store.head(key)
  if (guard === 'absent' ? head !== undefined : head?.etag !== guard.etag) throw new Refused()
}

async function guardedPut(
  store: ObjectStore,
  key: string,
  body: Buffer,
  record: ObjectRecord,
  guard: Guard,
): Promise<Known> {
  if (store.conditions === 'none') await mustHold(store, key, guard)
  try {
    const etag = await store.put(key, body, putOptions(record, guard))
    return { etag, stored: body.length, record, base: true }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    // The first request may have been carried out and its answer lost: then this one was refused by our own object.
    const head = await store.head(key)
    const { metadata } = head ?? {}
    if (!head || metadata?.sha256 !== record.sha256 || metadata.by !== record.by) throw error
    if (metadata.mtime !== metadataOf(record).mtime) throw error
    return { etag: head.etag, stored: head.size, record, base: true }
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
