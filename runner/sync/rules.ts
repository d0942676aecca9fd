/** Which headers, ACL and packing a file gets: by the profile's regular expressions, then by its ending. Pure. */
import mime from 'mime'
import type { Profile } from './profile.ts'
import type { EntryType, ObjectSettings } from './record.ts'

/** What is packed is held in memory; larger files go as they are. */
const LARGEST_PACKED = 64 * 1024 * 1024
const TEXT =
  /^(text\/|application\/(json|xml|javascript|ld\+json|manifest\+json|yaml|sql|rss\+xml|atom\+xml)$|image\/svg\+xml$)/
const DAY = 24 * 3600 * 1000

type Rules = Pick<Profile, 'headers' | 'gzip' | 'objectAcl'>

export function settingsOf(
  { headers, gzip, objectAcl }: Rules,
  { path, type, size }: { path: string; type: EntryType; size: number },
): ObjectSettings {
  if (type !== 'file') {
    const contentType = type === 'link' ? 'inode/symlink' : 'application/x-directory'
    return { headers: { contentType }, acl: objectAcl, expires: undefined, packed: false }
  }
  const rules = headers.filter(({ match }) => match.test(path))
  const said = <K extends 'contentType' | 'contentEncoding' | 'cacheControl' | 'expires'>(key: K) =>
    rules.find((rule) => rule[key] !== undefined)?.[key]
  const contentType = said('contentType') ?? mime.getType(path) ?? 'application/octet-stream'
  const contentEncoding = said('contentEncoding')
  const wanted = Array.isArray(gzip) ? gzip.some((one) => one.test(path)) : gzip && TEXT.test(contentType)
  const packed = wanted && contentEncoding === undefined && size > 0 && size <= LARGEST_PACKED
  return {
    headers: {
      contentType,
      contentEncoding: packed ? 'gzip' : contentEncoding,
      cacheControl: said('cacheControl'),
    },
    acl: objectAcl,
    expires: said('expires'),
    packed,
  }
}

/** The date that a rule means for what is put now. */
export function expiryOf(rule: string | undefined, now: Date): Date | undefined {
  if (rule === undefined) return undefined
  const [, count, unit] = /^(\d+)([hd])$/.exec(rule) ?? []
  if (count === undefined) return new Date(rule)
  return new Date(now.getTime() + Number(count) * (unit === 'd' ? DAY : DAY / 24))
}
