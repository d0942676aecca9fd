/** What this machine remembers of a bucket's objects: a line that says for what and a checksum, then everything as JSON. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { BucketAcl } from '../s3/objectStore.ts'
import type { Known } from './compare.ts'
import type { EntryType, ObjectRecord } from './record.ts'

/** Of another layout, it is made anew. */
const FORMAT = 1

export interface Cached extends Known {
  /** Milliseconds since 1970, by the server; 0 where it was not asked since the object was put. */
  modified: number
}

export interface SyncCache {
  objects: Map<string, Cached>
  /** What was last set. */
  bucketAcl: BucketAcl | undefined
}

/** What a cache must be of to be used. */
export interface CacheOf {
  endpoint: string | undefined
  bucket: string
  prefix: string
}

type Row = [
  key: string,
  etag: string,
  stored: number,
  modified: number,
  base: 0 | 1,
  size?: number,
  mtime?: number,
  mode?: number,
  sha256?: string,
  /** Index into `shared`. */
  rest?: number,
]
type Rest = Pick<ObjectRecord, 'type' | 'by' | 'headers' | 'acl' | 'expires' | 'packed'>

/** `problem` says why there is none, when one was there that cannot be used. */
export function readCache(path: string, of: CacheOf): { cache?: SyncCache; problem?: string } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? {} : { problem: `it cannot be read (${code})` }
  }
  const end = text.indexOf('\n')
  const body = text.slice(end + 1)
  let head: { format?: number; of?: CacheOf; sha256?: string }
  try {
    head = JSON.parse(text.slice(0, end)) as typeof head
  } catch {
    return { problem: 'it is damaged' }
  }
  if (head.format !== FORMAT) return { problem: 'another version of build-stack wrote it' }
  if (head.sha256 !== sha256(body)) return { problem: 'it is damaged' }
  if (JSON.stringify(head.of) !== JSON.stringify(of)) return { problem: 'it is of another bucket' }
  return { cache: decode(body) }
}

/** @throws what the file system says. */
export function writeCache(path: string, of: CacheOf, cache: SyncCache): void {
  const body = encode(cache)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const next = `${path}.${process.pid}`
  const head = JSON.stringify({ format: FORMAT, of, sha256: sha256(body) })
  writeFileSync(next, `${head}\n${body}`, { mode: 0o600 })
  renameSync(next, path)
}

function encode({ objects, bucketAcl }: SyncCache): string {
  const shared = new Map<string, number>()
  const rows: Row[] = []
  for (const [key, { etag, stored, modified, base, record }] of objects) {
    const row: Row = [key, etag, stored, modified, base ? 1 : 0]
    if (record) {
      const { size, mtime, mode, sha256, ...rest } = record
      const text = JSON.stringify(rest)
      const index = shared.get(text) ?? shared.size
      shared.set(text, index)
      row.push(size, mtime, mode, sha256, index)
    }
    rows.push(row)
  }
  return JSON.stringify({ bucketAcl, shared: [...shared.keys()].map((text) => JSON.parse(text)), rows })
}

function decode(body: string): SyncCache {
  const { bucketAcl, shared, rows } = JSON.parse(body) as {
    bucketAcl?: BucketAcl
    shared: (Rest & { type: EntryType })[]
    rows: Row[]
  }
  const objects = new Map<string, Cached>()
  for (const [key, etag, stored, modified, base, size, mtime, mode, sha, index] of rows) {
    const rest = index === undefined ? undefined : shared[index]
    const record = rest && ({ ...rest, size, mtime, mode, sha256: sha } as ObjectRecord)
    objects.set(key, { etag, stored, modified, base: base === 1, record })
  }
  return { objects, bucketAcl }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
