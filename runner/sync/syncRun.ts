/** One sync of a profile: look here and there, compare, and make the bucket what is here. */
import { BuildStackError } from '../errors.ts'
import { CONNECTIONS } from '../s3/connection.ts'
import type { ObjectStore } from '../s3/objectStore.ts'
import { shownPath } from './addEntry.ts'
import type { Cached } from './cacheFile.ts'
import { carryOut } from './carryOut.ts'
import { type Comparison, compare, type SyncAction } from './compare.ts'
import type { Problem, Scan } from './entry.ts'
import { fileProblem } from './fileProblem.ts'
import type { ScriptsOfHost } from './hostScripts.ts'
import { inLanes, inParallel } from './inParallel.ts'
import { inScope, pathsOf } from './keys.ts'
import { takeLock } from './lock.ts'
import { Memory } from './memory.ts'
import type { Profile } from './profile.ts'
import { remoteObjects } from './remoteObjects.ts'
import { Room } from './room.ts'
import { settingsOf } from './rules.ts'
import { scanRoots } from './scan.ts'
import { SINGLE_REQUEST } from './uploads.ts'

export interface SyncOptions {
  /** This machine and profile, as records name it. */
  me: string
  remove: boolean
  dryRun: boolean
  force: boolean
  /** The cache is believed without a look at the bucket. */
  trustCache: boolean
  createBucket: boolean
  scriptsOf: ScriptsOfHost
  signal: AbortSignal
  on: (event: SyncEvent) => void
}

export type SyncEvent =
  | { type: 'note'; text: string }
  | { type: 'planned'; actions: number; bytes: number }
  /** Bytes of files, as they arrive. */
  | { type: 'bytes'; count: number }
  | { type: 'done'; kind: SyncAction['kind']; key: string; why: string; size: number }
  | { type: 'problem'; what: string; reason: string }

export interface SyncResult {
  put: number
  updated: number
  removed: number
  same: number
  /** Bytes of the files that were put. */
  bytes: number
  /** Files that could not be synced, and what was refused. */
  problems: number
  /** Of other clients, with --delete. */
  left: number
}

/** The other connections are for parts of large files. */
const SMALL_AT_ONCE = CONNECTIONS - 8
/** While one of them is read for its checksums, parts of the other go up. */
const LARGE_AT_ONCE = 2
/** Bytes of files that are in memory: of two large ones three parts each, and small ones beside them. */
const ROOM = 112 * 1024 ** 2

/** @throws BuildStackError for what stops all of it; what is wrong with a file is an event. */
export async function sync(store: ObjectStore, profile: Profile, options: SyncOptions): Promise<SyncResult> {
  const scan = await scanRoots(profile, options.scriptsOf)
  const memory = new Memory(profile, (text) => options.on({ type: 'note', text }))
  if (options.createBucket && !options.dryRun) await store.createBucket(profile.bucketAcl)
  const remote = await look(store, profile, scan, memory, options)
  const compared = compareAll(profile, scan, remote, options)
  const result = {
    put: 0,
    updated: 0,
    removed: 0,
    same: compared.same.length,
    bytes: 0,
    problems: 0,
    left: compared.left,
  }
  tellProblems(scan, result, options)
  if (options.dryRun) {
    for (const action of compared.actions) tell(action, result, options)
    return result
  }
  for (const key of compared.same) memory.keep(key, { ...(remote.get(key) as Cached), base: true })
  try {
    if (compared.actions.length > 0) await act(store, profile, compared, memory, result, options)
    await memory.abandon(store, new Set(compared.actions.map(keyOfAction)))
    await memory.setAcl(store, profile)
  } finally {
    memory.save()
  }
  return result
}

async function look(
  store: ObjectStore,
  profile: Profile,
  scan: Scan,
  memory: Memory,
  options: SyncOptions,
): Promise<Map<string, Cached>> {
  if (options.trustCache && memory.usable) return new Map(memory.objects)
  if (options.trustCache)
    options.on({ type: 'note', text: 'there is no cache to trust: the bucket is listed' })
  const needed = (key: string) => scan.entries.has(key) || (options.remove && inScope(profile, key))
  const found = await remoteObjects(store, { prefix: profile.prefix, cached: memory.objects, needed })
  memory.replace(found, needed)
  return found
}

function compareAll(
  profile: Profile,
  scan: Scan,
  remote: ReadonlyMap<string, Cached>,
  { me, remove, force }: SyncOptions,
): Comparison {
  const ignored = (path: string) => profile.ignore.some((pattern) => pattern.test(path))
  const mayRemove = (key: string) =>
    inScope(profile, key) &&
    !scan.unread.some((beginning) =>
      beginning.endsWith('/') ? key.startsWith(beginning) : key === beginning,
    ) &&
    !scan.unread.includes(profile.prefix) &&
    !pathsOf(profile, key).some(ignored)
  return compare(scan.entries, remote, {
    ...{ me, remove, force, mayRemove },
    settingsOf: (entry) => settingsOf(profile, entry),
  })
}

function tellProblems(scan: Scan, result: SyncResult, { on }: SyncOptions): void {
  for (const { path, reason } of scan.passedOver) on({ type: 'note', text: `${path} is left out: ${reason}` })
  for (const { path, reason } of scan.problems) problem({ path, reason }, result, on)
}

function problem({ path, reason }: Problem, result: SyncResult, on: SyncOptions['on']): void {
  result.problems += 1
  on({ type: 'problem', what: path, reason })
}

function keyOfAction(action: SyncAction): string {
  return action.kind === 'put' || action.kind === 'update' ? action.entry.key : action.key
}

/** Counts an action as done, and says so. */
function tell(action: SyncAction, result: SyncResult, { on }: SyncOptions): void {
  const key = keyOfAction(action)
  if (action.kind === 'refuse') {
    problem({ path: key, reason: action.why }, result, on)
    return
  }
  const size = action.kind === 'put' ? action.entry.size : 0
  if (action.kind === 'put') result.put += 1
  if (action.kind === 'update') result.updated += 1
  if (action.kind === 'remove') result.removed += 1
  result.bytes += size
  on({ type: 'done', kind: action.kind, key, why: action.why, size })
}

async function act(
  store: ObjectStore,
  profile: Profile,
  { actions }: Comparison,
  memory: Memory,
  result: SyncResult,
  options: SyncOptions,
): Promise<void> {
  const refused = actions.filter(({ kind }) => kind === 'refuse')
  for (const action of refused) tell(action, result, options)
  const writes = actions.filter((action) => action.kind === 'put' || action.kind === 'update')
  const removals = actions.filter((action) => action.kind === 'remove')
  if (writes.length + removals.length === 0) return
  const bytes = writes.reduce((sum, { kind, entry }) => sum + (kind === 'put' ? entry.size : 0), 0)
  options.on({ type: 'planned', actions: writes.length + removals.length, bytes })
  const lock = await takeLock(store, profile.prefix, options.me, {
    onNote: (text) => options.on({ type: 'note', text }),
  })
  const signal = AbortSignal.any([options.signal, lock.signal])
  try {
    await write(store, writes, memory, result, { ...options, signal })
    await remove(store, removals, memory, result, { ...options, signal })
  } finally {
    await lock.release()
  }
}

type Write = Extract<SyncAction, { kind: 'put' | 'update' }>
type Removal = Extract<SyncAction, { kind: 'remove' }>

async function write(
  store: ObjectStore,
  writes: Write[],
  memory: Memory,
  result: SyncResult,
  options: SyncOptions,
): Promise<void> {
  const { me, signal, on } = options
  const room = new Room(ROOM)
  const onBytes = (count: number) => on({ type: 'bytes', count })
  const one = async (action: Write) => {
    throwIfStopped(signal)
    try {
      const { kind, known } = await carryOut(store, action, {
        me,
        begun: memory.begun,
        room,
        signal,
        onBytes,
      })
      memory.keep(action.entry.key, { ...known, modified: 0 })
      tell(kind === action.kind ? action : ({ ...action, kind } as Write), result, options)
    } catch (error) {
      throwIfStopped(signal)
      const reason = fileProblem(error)
      if (reason === undefined) throw error
      problem({ path: shownPath(action.entry), reason }, result, on)
    }
  }
  const isLarge = ({ entry }: Write) => entry.size > SINGLE_REQUEST
  // Side by side, or the last large ones would go up alone.
  await inLanes(
    [
      { items: writes.filter(isLarge), limit: LARGE_AT_ONCE },
      { items: writes.filter((action) => !isLarge(action)), limit: SMALL_AT_ONCE },
    ],
    one,
  )
}

/** Only what still is what was compared. */
async function remove(
  store: ObjectStore,
  removals: Removal[],
  memory: Memory,
  result: SyncResult,
  options: SyncOptions,
): Promise<void> {
  const sure: Removal[] = []
  await inParallel(removals, CONNECTIONS, async (removal) => {
    throwIfStopped(options.signal)
    const head = await store.head(removal.key)
    if (head && head.etag !== removal.etag)
      problem({ path: removal.key, reason: 'another client has changed it meanwhile' }, result, options.on)
    else sure.push(removal)
  })
  throwIfStopped(options.signal)
  await store.remove(sure.map(({ key }) => key))
  for (const removal of sure) {
    memory.forget(removal.key)
    tell(removal, result, options)
  }
}

function throwIfStopped(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw signal.reason instanceof BuildStackError
    ? signal.reason
    : new BuildStackError('INTERRUPTED', 'stopped', { next: 'Run it again to go on: what was put is there.' })
}
