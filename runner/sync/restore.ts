/** One restore of a profile: what there is in the bucket, now or at a time, becomes files again. */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { CONNECTIONS } from '../s3/connection.ts'
import type { ListedVersion, ObjectHead, ObjectStore } from '../s3/objectStore.ts'
import { FileProblem, fileProblem } from './carryOut.ts'
import { inParallel } from './inParallel.ts'
import { Memory } from './memory.ts'
import type { Profile } from './profile.ts'
import { type ObjectRecord, recordOf } from './record.ts'
import { isAsRecorded, lstatOf, makeFolders, restoreFile } from './restoredFile.ts'
import {
  type Candidate,
  type Destination,
  type RestoreChoice,
  restorePlan,
  versionsAt,
} from './restorePlan.ts'

export interface RestoreOptions extends RestoreChoice {
  /** What was there then; what there is now without it. */
  at: Date | undefined
  dryRun: boolean
  /** Replaces files that are there and differ. */
  overwrite: boolean
  signal: AbortSignal
  on: (event: RestoreEvent) => void
}

export type RestoreEvent =
  | { type: 'note'; text: string }
  | { type: 'bytes'; count: number }
  | { type: 'done'; kind: 'restore' | 'replace'; path: string; size: number }
  | { type: 'problem'; what: string; reason: string }

export interface RestoreResult {
  restored: number
  same: number
  bytes: number
  problems: number
}

/** Below the connections, which HEAD requests and bodies share. */
const FILES_AT_ONCE = CONNECTIONS / 2

interface Found {
  wanted: Destination
  head: ObjectHead
  record: ObjectRecord | undefined
}

/** @throws BuildStackError for what stops all of it; what is wrong with a file is an event. */
export async function restore(
  store: ObjectStore,
  profile: Profile,
  options: RestoreOptions,
): Promise<RestoreResult> {
  const result: RestoreResult = { restored: 0, same: 0, bytes: 0, problems: 0 }
  const problem = (what: string, reason: string) => {
    result.problems += 1
    options.on({ type: 'problem', what, reason })
  }
  const candidates = options.at ? await then(store, profile, options.at, options) : await now(store, profile)
  const plan = restorePlan(profile, candidates, options)
  for (const { path, reason } of plan.problems) problem(path, reason)
  if (plan.wanted.length + plan.problems.length === 0)
    throw new BuildStackError('STORE', `there is nothing to restore in the bucket ${store.bucket}`, {
      next: 'Look at "prefix" and "roots" of the profile, and at the paths and the time that you gave.',
    })
  // What is restored to its own place is what this machine has now: it may change it.
  const own = options.to === undefined && options.at === undefined && !options.dryRun
  const memory = own ? new Memory(profile, (text) => options.on({ type: 'note', text })) : undefined
  const folders: Found[] = []
  const links: Destination[] = []
  const one = async (wanted: Destination, round: 'files' | 'links') => {
    if (options.signal.aborted) throw stopped()
    try {
      const head = await store.head(wanted.key, wanted.version)
      if (!head) throw new FileProblem('it was removed meanwhile')
      const found = { wanted, head, record: recordOf(head) }
      if (found.record?.type === 'folder' || wanted.folder) folders.push(found)
      // Last: nothing is to be written through them.
      else if (found.record?.type === 'link' && round === 'files') links.push(wanted)
      else {
        await restoreOne(store, found, result, options)
        const { etag, size: stored, modified } = head
        memory?.keep(wanted.key, {
          etag,
          stored,
          modified: modified.getTime(),
          record: found.record,
          base: true,
        })
      }
    } catch (error) {
      if (options.signal.aborted) throw stopped()
      const reason = fileProblem(error)
      if (reason === undefined) throw error
      problem(join(wanted.base, wanted.path), reason)
    }
  }
  try {
    await inParallel(plan.wanted, FILES_AT_ONCE, (wanted) => one(wanted, 'files'))
    await inParallel(links, FILES_AT_ONCE, (wanted) => one(wanted, 'links'))
  } finally {
    memory?.save()
  }
  restoreFolders(folders, problem, result, options)
  return result
}

function stopped(): BuildStackError {
  return new BuildStackError('INTERRUPTED', 'stopped', {
    next: 'Run it again to go on: what is restored stays.',
  })
}

async function now(store: ObjectStore, { prefix }: Profile): Promise<Candidate[]> {
  const found: Candidate[] = []
  for await (const page of store.list(prefix))
    for (const { key, etag } of page) found.push({ key, etag, version: undefined })
  return found
}

async function then(
  store: ObjectStore,
  { prefix }: Profile,
  at: Date,
  { on }: RestoreOptions,
): Promise<Candidate[]> {
  const versions: ListedVersion[] = []
  for await (const page of store.versions(prefix)) versions.push(...page)
  if (versions.every(({ version }) => version === 'null'))
    on({
      type: 'note',
      text: `the bucket ${store.bucket} keeps no versions: what was replaced since is not there`,
    })
  return versionsAt(versions, at)
}

async function restoreOne(
  store: ObjectStore,
  { wanted, head, record }: Found,
  result: RestoreResult,
  { dryRun, overwrite, signal, on }: RestoreOptions,
): Promise<void> {
  const path = join(wanted.base, wanted.path)
  const size = record?.size ?? head.size
  const stat = lstatOf(path)
  if (stat && record && isAsRecorded(stat, record)) {
    if (record.type === 'file' && !dryRun && (stat.mode & 0o7777) !== record.mode)
      chmodSync(path, record.mode)
    result.same += 1
    return
  }
  if (stat?.isDirectory()) throw new FileProblem('there is a folder in its place')
  if (stat && !overwrite) throw new FileProblem('it is there and differs; --overwrite replaces it')
  if (!dryRun) {
    makeFolders(wanted.base, wanted.path)
    await restoreFile(wanted, head, { store, signal, onBytes: (count) => on({ type: 'bytes', count }) })
  }
  result.restored += 1
  result.bytes += size
  on({ type: 'done', kind: stat ? 'replace' : 'restore', path, size })
}

/** The deepest first: a folder that nobody may write to gets its mode when all in it is there. */
function restoreFolders(
  folders: Found[],
  problem: (what: string, reason: string) => void,
  result: RestoreResult,
  { dryRun, on }: RestoreOptions,
): void {
  const deepestFirst = folders.sort((a, b) => b.wanted.path.length - a.wanted.path.length)
  for (const { wanted, record } of deepestFirst) {
    const path = join(wanted.base, wanted.path)
    const stat = lstatOf(path)
    const mode = record?.mode ?? 0o755
    if (stat?.isDirectory() && (stat.mode & 0o7777) === mode) {
      result.same += 1
      continue
    }
    try {
      if (stat && !stat.isDirectory())
        throw new FileProblem('there is something else in the place of a folder')
      if (!dryRun) {
        makeFolders(wanted.base, `${wanted.path}/`)
        chmodSync(path, mode)
      }
      result.restored += 1
      on({ type: 'done', kind: 'restore', path, size: 0 })
    } catch (error) {
      const reason = fileProblem(error)
      if (reason === undefined) throw error
      problem(path, reason)
    }
  }
}
