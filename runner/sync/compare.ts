/** What is here × what is in the bucket × what was known of it -> what has to be done, each with its reason. Pure. */
import type { Guard } from '../s3/objectStore.ts'
import type { Entry } from './entry.ts'
import type { ObjectRecord, ObjectSettings } from './record.ts'

/** An object as far as it is known. */
export interface Known {
  etag: string
  /** Bytes as stored. */
  stored: number
  /** Undefined for what somebody else's program put. */
  record: ObjectRecord | undefined
  /** When this profile last ran here, the file was the same as this object: whoever put it, this is what came after. */
  base: boolean
}

export type SyncAction =
  | { kind: 'put'; entry: Entry; settings: ObjectSettings; why: string; guard: Guard; alike?: Alike }
  /** Same content, other headers, mode or time. */
  | { kind: 'update'; entry: Entry; settings: ObjectSettings; why: string; etag: string; sha256: string }
  | { kind: 'remove'; key: string; etag: string; why: string }
  /** What would lose somebody else's file. */
  | { kind: 'refuse'; key: string; why: string }

/** How to tell whether a file of the same size has the object's content after all. */
export interface Alike {
  /** Of the content; undefined for an object of somebody else's, where the etag may be its MD5. */
  sha256: string | undefined
  etag: string
  /** The object is another client's: only when the content is the same is it touched. */
  refuse: string | undefined
}

export interface Comparison {
  actions: SyncAction[]
  /** Keys that need nothing. */
  same: string[]
  /** Objects of other clients that --delete leaves. */
  left: number
}

export interface CompareOptions {
  /** This machine and profile, as records name it. */
  me: string
  remove: boolean
  /** Also what other clients put. */
  force: boolean
  settingsOf: (entry: Entry) => ObjectSettings
  /** Whether --delete may take an object away that no file is there for. */
  mayRemove: (key: string) => boolean
}

export function compare(
  local: ReadonlyMap<string, Entry>,
  remote: ReadonlyMap<string, Known>,
  options: CompareOptions,
): Comparison {
  const actions: SyncAction[] = []
  const same: string[] = []
  let left = 0
  for (const entry of local.values()) {
    const known = remote.get(entry.key)
    const action = actionFor(entry, known, options)
    if (action) actions.push(action)
    else same.push(entry.key)
  }
  if (options.remove)
    for (const [key, { etag, record, base }] of remote) {
      if (local.has(key) || !options.mayRemove(key)) continue
      if (options.force || base || record?.by === options.me)
        actions.push({ kind: 'remove', key, etag, why: 'not here any more' })
      else left += 1
    }
  return { actions, same, left }
}

function actionFor(entry: Entry, known: Known | undefined, options: CompareOptions): SyncAction | undefined {
  const settings = options.settingsOf(entry)
  if (!known) return { kind: 'put', entry, settings, why: 'new', guard: 'absent' }
  const { record, etag } = known
  const mine = options.force || known.base || record?.by === options.me
  const refuse = mine
    ? undefined
    : `${record ? record.by : 'another program'} has put it since; restore it, or --force`
  const guard = { etag }
  if (!record) {
    const why = 'put by another program'
    if (known.stored !== entry.size || entry.type !== 'file' || settings.packed)
      return refuse
        ? { kind: 'refuse', key: entry.key, why: refuse }
        : { kind: 'put', entry, settings, why, guard }
    return { kind: 'put', entry, settings, why, guard, alike: { sha256: undefined, etag, refuse } }
  }
  const content = contentDifference(entry, record)
  const repacked = settings.packed !== record.packed
  const attributes = [
    ...attributeDifferences(entry, settings, record),
    ...(repacked ? [settings.packed ? 'packed' : 'not packed'] : []),
  ]
  if (content === undefined && attributes.length === 0) return undefined
  const why = [...(content ? [content] : []), ...attributes].join(', ')
  if (content === undefined && !repacked)
    return { kind: 'update', entry, settings, why, etag, sha256: record.sha256 }
  const { sha256, size, type } = record
  const alike = { sha256, etag, refuse }
  if (content !== undefined && type === entry.type && size === entry.size && !repacked)
    return { kind: 'put', entry, settings, why, guard, alike }
  return refuse
    ? { kind: 'refuse', key: entry.key, why: refuse }
    : { kind: 'put', entry, settings, why, guard }
}

/** A file that was restored has its time to a microsecond or so. */
const SAME_TIME = 1

function contentDifference(entry: Entry, record: ObjectRecord): string | undefined {
  if (entry.type !== record.type) return `${record.type} → ${entry.type}`
  if (entry.size !== record.size) return `size ${record.size} → ${entry.size}`
  if (Math.abs(entry.mtime - record.mtime) > SAME_TIME) return 'time'
  return undefined
}

function attributeDifferences(entry: Entry, wanted: ObjectSettings, record: ObjectRecord): string[] {
  const octal = (mode: number) => mode.toString(8).padStart(3, '0')
  const said = (text: string | undefined) => text ?? 'none'
  const different = (name: string, before: string | undefined, now: string | undefined) =>
    before === now ? [] : [`${name} ${said(before)} → ${said(now)}`]
  return [
    ...(entry.mode === record.mode ? [] : [`mode ${octal(record.mode)} → ${octal(entry.mode)}`]),
    ...different('ACL', record.acl, wanted.acl),
    ...different('Content-Type', record.headers.contentType, wanted.headers.contentType),
    ...different('Content-Encoding', record.headers.contentEncoding, wanted.headers.contentEncoding),
    ...different('Cache-Control', record.headers.cacheControl, wanted.headers.cacheControl),
    ...different('Expires', record.expires, wanted.expires),
  ]
}
