/** What is kept with each object, as user metadata: all that the listing of a bucket does not tell. Pure. */
import { CANNED_ACLS, type CannedAcl, type ObjectHead, type ObjectHeaders } from '../s3/objectStore.ts'

export type EntryType = 'file' | 'link' | 'folder'

/** How an object is to be kept: by the profile's rules. */
export interface ObjectSettings {
  /** Without Expires, which depends on the time of the upload. */
  headers: ObjectHeaders
  acl: CannedAcl | undefined
  /** The rule, as written. */
  expires: string | undefined
  /** Packed by us, to be unpacked when it is restored. */
  packed: boolean
}

export interface ObjectRecord extends ObjectSettings {
  type: EntryType
  /** Bytes of the file, not of what is stored. */
  size: number
  /** Microseconds since 1970: what a file system's time survives in a number. */
  mtime: number
  /** Permissions. */
  mode: number
  /** Of the file's content; of the text of a link. */
  sha256: string
  /** Who put it: a machine and a profile. */
  by: string
}

/** Names and values are what every server takes: printable ASCII. `mtime` is as rclone writes it. */
export function metadataOf(record: ObjectRecord): Record<string, string> {
  const { type, size, mtime, mode, sha256, by, acl, expires, packed } = record
  return {
    type,
    size: String(size),
    mtime: `${Math.floor(mtime / 1e6)}.${String(((mtime % 1e6) + 1e6) % 1e6).padStart(6, '0')}`,
    mode: mode.toString(8),
    sha256,
    by,
    ...(acl ? { acl } : {}),
    ...(expires ? { expires } : {}),
    ...(packed ? { packed: 'gzip' } : {}),
  }
}

const NUMBERS = { size: /^\d{1,15}$/, mtime: /^(-?\d{1,11})\.(\d{6})$/, mode: /^[0-7]{1,4}$/ }

/** Undefined for an object of somebody else's. */
export function recordOf({
  metadata,
  headers,
}: Pick<ObjectHead, 'metadata' | 'headers'>): ObjectRecord | undefined {
  const { type, size = '', mtime = '', mode = '', sha256 = '', by, acl, expires, packed } = metadata
  const time = NUMBERS.mtime.exec(mtime)
  if (type !== 'file' && type !== 'link' && type !== 'folder') return undefined
  if (!time || !NUMBERS.size.test(size) || !NUMBERS.mode.test(mode)) return undefined
  if (!/^[0-9a-f]{64}$/.test(sha256) || by === undefined) return undefined
  const { contentType, contentEncoding, cacheControl } = headers
  return {
    type,
    size: Number(size),
    mtime: Number(time[1]) * 1e6 + Number(time[2]),
    mode: Number.parseInt(mode, 8),
    sha256,
    by,
    headers: { contentType, contentEncoding, cacheControl },
    acl: CANNED_ACLS.find((known) => known === acl),
    expires,
    packed: packed === 'gzip',
  }
}
