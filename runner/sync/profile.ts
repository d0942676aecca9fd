/** A profile as sync and restore use it: made from the file that the user wrote, with everything decided. */
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { pathPattern } from '../config/pathPattern.ts'
import type { SyncFile } from '../config/syncProfile.ts'
import { located } from '../paths.ts'
import type { BucketAcl, CannedAcl, StoreSettings } from '../s3/objectStore.ts'

export interface Root {
  /** Of hosts.yaml; undefined for this machine. */
  host?: string | undefined
  /** Absolute, without a slash at the end; "" is the whole machine. */
  path: string
}

export interface HeaderRule {
  match: RegExp
  contentType?: string | undefined
  contentEncoding?: string | undefined
  cacheControl?: string | undefined
  /** As written: a date, or 30d. */
  expires?: string | undefined
}

export interface Profile {
  name: string
  store: StoreSettings
  prefix: string
  roots: Root[]
  relativePaths: boolean
  ignore: RegExp[]
  headers: HeaderRule[]
  /** What is packed on its way; true for text by its ending. */
  gzip: RegExp[] | boolean
  links: 'keep' | 'follow' | 'skip'
  folders: boolean
  bucketAcl: BucketAcl | undefined
  objectAcl: CannedAcl | undefined
  /** File on this machine; undefined for none. */
  cache: string | undefined
  /** File on this machine that notes which large uploads were begun. */
  uploads: string
}

/** Relative paths of the file are below its folder. `caches` is the folder for caches that the file does not name. */
export function profileOf(file: SyncFile, place: { name: string; folder: string; caches: string }): Profile {
  const { name, folder, caches } = place
  const there = (path: string) => located(path, folder)
  const id = createHash('sha256')
    .update(JSON.stringify([folder, name, file.endpoint, file.bucket, file.prefix]))
    .digest('hex')
    .slice(0, 12)
  return {
    name,
    store: {
      bucket: file.bucket,
      endpoint: file.endpoint,
      region: file.region,
      pathStyle: file.path_style,
      ca: file.ca === undefined ? undefined : there(file.ca),
      accessKeyId: file.access_key_id,
      secretAccessKey: file.secret_access_key,
      awsProfile: file.aws_profile,
    },
    prefix: file.prefix,
    roots: file.roots.map((root) =>
      typeof root === 'string'
        ? { host: undefined, path: withoutSlash(there(root)) }
        : { host: root.host, path: withoutSlash(resolve(root.path)) },
    ),
    relativePaths: file.relative_paths,
    ignore: file.ignore.map(pathPattern),
    headers: file.headers.map((rule) => ({
      match: pathPattern(rule.match),
      contentType: rule.content_type,
      contentEncoding: rule.content_encoding,
      cacheControl: rule.cache_control,
      expires: rule.expires,
    })),
    gzip: Array.isArray(file.gzip) ? file.gzip.map(pathPattern) : file.gzip,
    links: file.links,
    folders: file.folders,
    bucketAcl: file.bucket_acl,
    objectAcl: file.object_acl,
    cache: cachePlace(file.cache, there, join(caches, `${name}-${id}.cache`)),
    uploads: join(caches, `${name}-${id}.uploads`),
  }
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '')
}

function cachePlace(
  said: boolean | string,
  there: (path: string) => string,
  own: string,
): string | undefined {
  if (typeof said === 'string') return there(said)
  return said ? own : undefined
}
