/** What a bucket can do, in the words that sync, restore and the store of packages use. s3/client.ts does it. */
import type { Readable } from 'node:stream'

export interface StoreSettings {
  bucket: string
  /** URL of an S3-compatible server; Amazon's of the region without it. */
  endpoint?: string | undefined
  region?: string | undefined
  /** The bucket in the path of the URL instead of in its host name. */
  pathStyle?: boolean | undefined
  /** File with the certificates of whoever signed the server's. */
  ca?: string | undefined
  /** Where these lack, the usual places: environment, ~/.aws, the machine's role. */
  accessKeyId?: string | undefined
  secretAccessKey?: string | undefined
  /** A section of ~/.aws/credentials. */
  awsProfile?: string | undefined
  /** A request that fails is made so often, in all, later each time; about a minute long without it. */
  attempts?: number | undefined
  /** A connection without a byte for so long is given up; 120 without it. */
  silentSeconds?: number | undefined
}

export const CANNED_ACLS = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
] as const
export type CannedAcl = (typeof CANNED_ACLS)[number]

/** Of a bucket; the others are for objects only. */
export const BUCKET_ACLS = ['private', 'public-read', 'public-read-write', 'authenticated-read'] as const
export type BucketAcl = (typeof BUCKET_ACLS)[number]

export interface ListedObject {
  key: string
  /** Without quotes: the MD5 of what one request put; something else for what was put in parts. */
  etag: string
  /** Bytes as stored. */
  size: number
  modified: Date
}

export interface ListedVersion extends Omit<ListedObject, 'etag' | 'size'> {
  etag: string
  size: number
  version: string
  /** The object was removed then. */
  removed: boolean
}

/** The headers that a browser sees. */
export interface ObjectHeaders {
  contentType?: string | undefined
  contentEncoding?: string | undefined
  cacheControl?: string | undefined
  expires?: Date | undefined
}

export interface ObjectHead extends ListedObject {
  headers: ObjectHeaders
  /** User metadata; names in small letters. */
  metadata: Record<string, string>
}

export interface FoundObject {
  head: ObjectHead
  body: Readable
}

/** What must be true of the object for it to be written: it is not there, or is still this version. */
export type Guard = 'absent' | { etag: string }

export interface PutOptions {
  headers?: ObjectHeaders | undefined
  metadata: Record<string, string>
  acl?: CannedAcl | undefined
  /** Nothing is checked without it. */
  guard?: Guard | undefined
}

export interface GetOptions {
  version?: string | undefined
  /** First byte, from 0; for what goes on. The object must still be the version of `etag` then. */
  from?: number
  etag?: string
  signal?: AbortSignal | undefined
}

export interface UploadedPart {
  /** From 1. */
  number: number
  etag: string
  size: number
}

/** Every method rejects with BuildStackError; code STORE, but for what is said. */
export interface ObjectStore {
  readonly bucket: string
  /** In pages, in the order of the keys' bytes. */
  list(prefix: string): AsyncIterable<ListedObject[]>
  versions(prefix: string): AsyncIterable<ListedVersion[]>
  head(key: string, version?: string): Promise<ObjectHead | undefined>
  get(key: string, options?: GetOptions): Promise<FoundObject>
  /** As get; undefined when there is no such object. */
  find(key: string, options?: GetOptions): Promise<FoundObject | undefined>
  /** Resolves to the etag; rejects with Refused when the guard does not hold. */
  put(key: string, body: Buffer, options: PutOptions): Promise<string>
  /** Other headers, metadata and ACL for the same content. Resolves to the etag; up to 5 GB. */
  rewrite(key: string, etag: string, options: PutOptions): Promise<string>
  remove(keys: string[]): Promise<void>
  beginUpload(key: string, options: PutOptions): Promise<string>
  /** `md5` is checked by the server: a part that arrives damaged, or of a file that changed, is refused. */
  putPart(key: string, upload: string, number: number, body: Buffer, md5: Buffer): Promise<string>
  /** The parts that are there; undefined when there is no such upload any more. */
  uploadedParts(key: string, upload: string): Promise<UploadedPart[] | undefined>
  completeUpload(key: string, upload: string, parts: UploadedPart[], guard: Guard | undefined): Promise<void>
  abortUpload(key: string, upload: string): Promise<void>
  createBucket(acl: BucketAcl | undefined): Promise<void>
  setBucketAcl(acl: BucketAcl): Promise<void>
  /** How this server wants conditions on writes; what lock.ts found out. Without it none are sent. */
  conditions: 'none' | 'quoted' | 'bare'
  close(): void
}

/** A guarded write that the server refused: the object is not, or not any more, what the guard says. */
export class Refused extends Error {
  constructor() {
    super('another client has changed it meanwhile')
    this.name = 'Refused'
  }
}
