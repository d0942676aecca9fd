/** How objects look on the wire of S3, and here. Pure. */
import type { ObjectHead, PutOptions } from './objectStore.ts'

/** What a request that writes an object says of it. */
export function written({ headers = {}, metadata, acl }: PutOptions) {
  return {
    Metadata: metadata,
    ...(acl ? { ACL: acl } : {}),
    ...(headers.contentType ? { ContentType: headers.contentType } : {}),
    ...(headers.contentEncoding ? { ContentEncoding: headers.contentEncoding } : {}),
    ...(headers.cacheControl ? { CacheControl: headers.cacheControl } : {}),
    ...(headers.expires ? { Expires: headers.expires } : {}),
  }
}

/** What is used of the answers to HEAD and GET. */
export interface HeadAnswer {
  ETag?: string | undefined
  ContentLength?: number | undefined
  LastModified?: Date | undefined
  ContentType?: string | undefined
  ContentEncoding?: string | undefined
  CacheControl?: string | undefined
  ExpiresString?: string | undefined
  Metadata?: Record<string, string> | undefined
}

export function headOf(key: string, answer: HeadAnswer): ObjectHead {
  const { ExpiresString } = answer
  return {
    key,
    etag: bare(answer.ETag),
    size: answer.ContentLength ?? 0,
    modified: answer.LastModified ?? new Date(0),
    headers: {
      contentType: answer.ContentType,
      contentEncoding: answer.ContentEncoding,
      cacheControl: answer.CacheControl,
      expires: ExpiresString === undefined ? undefined : new Date(ExpiresString),
    },
    metadata: answer.Metadata ?? {},
  }
}

/** "%20" and "+" are both blanks in what a server encodes. */
export function decoded(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '))
}

/** An etag without its quotes. */
export function bare(etag = ''): string {
  return etag.replace(/^"|"$/g, '')
}
