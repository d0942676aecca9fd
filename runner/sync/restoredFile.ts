/** One object -> one file of this machine: beside its place first, verified, and then in its place. */
import { createHash, type Hash } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { BuildStackError } from '../errors.ts'
import type { ObjectHead, ObjectStore } from '../s3/objectStore.ts'
import { FileProblem } from './carryOut.ts'
import { type ObjectRecord, recordOf } from './record.ts'
import type { Destination } from './restorePlan.ts'

/** A download that breaks off is gone on with so often. */
const ATTEMPTS = 6

/** Makes the folders above the path. @throws FileProblem where one of them is no folder, or a link. */
export function makeFolders(base: string, path: string): void {
  mkdirSync(base, { recursive: true })
  let here = base
  for (const name of path.split('/').slice(0, -1)) {
    here = join(here, name)
    const stat = lstatOf(here)
    if (!stat) mkdirSync(here)
    else if (stat.isSymbolicLink()) throw new FileProblem(`${here} is a link; nothing is written through it`)
    else if (!stat.isDirectory()) throw new FileProblem(`${here} is not a folder`)
  }
}

export function lstatOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

/** Whether the file is what the record says, as far as its size and time tell. */
export function isAsRecorded(stat: Stats, record: ObjectRecord): boolean {
  if (record.type === 'folder') return stat.isDirectory()
  if (record.type === 'link')
    return stat.isSymbolicLink() && stat.size === record.size && sameTime(stat, record)
  return stat.isFile() && stat.size === record.size && sameTime(stat, record)
}

function sameTime(stat: Stats, record: ObjectRecord): boolean {
  return Math.abs(Math.round(stat.mtimeMs * 1000) - record.mtime) <= 1
}

export interface RestoreFileOptions {
  store: ObjectStore
  signal: AbortSignal
  onBytes: (count: number) => void
}

/** A link, or a file with its content verified. Folders above are there. @throws FileProblem for content that is not what was put. */
export async function restoreFile(
  wanted: Destination,
  head: ObjectHead,
  options: RestoreFileOptions,
): Promise<void> {
  const path = join(wanted.base, wanted.path)
  const record = recordOf(head)
  const id = createHash('sha256').update(`${wanted.key}\n${head.etag}`).digest('hex').slice(0, 16)
  const part = join(dirname(path), `.build-stack-${id}.part`)
  if (record?.type === 'link') return restoreLink(path, part, record, wanted, options)
  const file = openSync(part, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  try {
    await fill(file, wanted, head, options)
    if (record?.packed) unpack(file, record)
    verify(file, head, record)
    fchmodSync(file, record?.mode ?? 0o644)
    const seconds = record ? record.mtime / 1e6 : head.modified.getTime() / 1000
    futimesSync(file, seconds, seconds)
  } catch (error) {
    if (error instanceof FileProblem) rmSync(part, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
  renameSync(part, path)
}

async function restoreLink(
  path: string,
  part: string,
  record: ObjectRecord,
  { key, version }: Destination,
  { store, signal }: RestoreFileOptions,
): Promise<void> {
  const { body } = await store.get(key, { version, signal })
  const target = await buffer(body)
  if (createHash('sha256').update(target).digest('hex') !== record.sha256) throw damaged()
  rmSync(part, { force: true })
  symlinkSync(target, part)
  const seconds = record.mtime / 1e6
  lutimesSync(part, seconds, seconds)
  renameSync(part, path)
}

/** Goes on behind the bytes that are there, from an earlier run or from before the connection broke. */
async function fill(
  file: number,
  { key, version }: Destination,
  head: ObjectHead,
  { store, signal, onBytes }: RestoreFileOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    let at = fstatSync(file).size
    if (at > head.size) throw damaged()
    if (at === head.size) return
    try {
      const { body } = await store.get(key, {
        version,
        signal,
        ...(at > 0 ? { from: at, etag: head.etag } : {}),
      })
      for await (const piece of body as AsyncIterable<Buffer>) {
        writeSync(file, piece, 0, piece.length, at)
        at += piece.length
        onBytes(piece.length)
      }
    } catch (error) {
      // Said by the store, or by the file system: not a connection that broke.
      const own = error instanceof BuildStackError || (error as NodeJS.ErrnoException).syscall === 'write'
      if (own || signal.aborted || attempt === ATTEMPTS) throw error
      await sleep(100 * 2 ** attempt, undefined, { signal })
    }
    if (attempt === ATTEMPTS) throw new FileProblem('the server ends it too early, each time')
  }
}

function unpack(file: number, record: ObjectRecord): void {
  const packed = Buffer.alloc(fstatSync(file).size)
  readSync(file, packed, 0, packed.length, 0)
  let plain: Buffer
  try {
    plain = gunzipSync(packed, { maxOutputLength: record.size || 1 })
  } catch {
    throw damaged()
  }
  ftruncateSync(file, 0)
  writeSync(file, plain, 0, plain.length, 0)
}

const PIECE = 1 << 20

function verify(file: number, head: ObjectHead, record: ObjectRecord | undefined): void {
  const size = record?.size ?? head.size
  if (fstatSync(file).size !== size) throw damaged()
  // What others put has the MD5 of its content as etag, unless it came in parts.
  const [hash, wanted] = record
    ? [createHash('sha256'), record.sha256]
    : [createHash('md5'), /^[0-9a-f]{32}$/.test(head.etag) ? head.etag : undefined]
  if (wanted !== undefined && contentHash(file, size, hash) !== wanted) throw damaged()
}

function contentHash(file: number, size: number, hash: Hash): string {
  const piece = Buffer.alloc(Math.min(PIECE, size))
  for (let at = 0; at < size; ) {
    const count = readSync(file, piece, 0, piece.length, at)
    hash.update(piece.subarray(0, count))
    at += count
  }
  return hash.digest('hex')
}

function damaged(): FileProblem {
  return new FileProblem('its content is not what was put: it is damaged, or somebody else’s')
}
