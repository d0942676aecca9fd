/** One restore of a profile: what there is in the bucket, now or at a time, becomes files again. */
import { join } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { CONNECTIONS } from '../s3/connection.ts'
import type { ListedVersion, ObjectStore } from '../s3/objectStore.ts'
import { shownPath } from './addEntry.ts'
import { fileProblem } from './fileProblem.ts'
import type { ScriptsOfHost } from './hostScripts.ts'
import { HostTarget } from './hostTarget.ts'
import { inParallel } from './inParallel.ts'
import { LocalTarget } from './localTarget.ts'
import { Memory } from './memory.ts'
import type { Profile } from './profile.ts'
import { recordOf } from './record.ts'
import {
  type Candidate,
  type Destination,
  type RestoreChoice,
  restorePlan,
  versionsAt,
} from './restorePlan.ts'
import { type Found, type RestoreTarget, sizeOf, type Tell } from './restoreTarget.ts'

export interface RestoreOptions extends RestoreChoice {
  /** This machine and profile. */
  me: string
  /** What was there then; what there is now without it. */
  at: Date | undefined
  dryRun: boolean
  /** Replaces files that are there and differ. */
  overwrite: boolean
  scriptsOf: ScriptsOfHost
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
  const targets = await targetsOf(store, plan.wanted, options)
  // What is restored to its own place is what there is now, to this profile: it may change it.
  const own = options.to === undefined && options.at === undefined && !options.dryRun
  const memory = own ? new Memory(profile, (text) => options.on({ type: 'note', text })) : undefined
  const tell: Tell = (found, outcome) => {
    const { wanted, head, record } = found
    const path = shownPlace(wanted)
    if (typeof outcome === 'object') {
      if (options.signal.aborted) throw stopped()
      const reason = fileProblem(outcome.error)
      if (reason === undefined) throw outcome.error
      problem(path, reason)
      return
    }
    const { etag, size: stored, modified } = head
    if (!isFolder(found))
      memory?.keep(wanted.key, { etag, stored, modified: modified.getTime(), record, base: true })
    if (outcome === 'same') {
      result.same += 1
      return
    }
    const size = isFolder(found) ? 0 : sizeOf(found)
    result.restored += 1
    result.bytes += size
    options.on({ type: 'done', kind: outcome, path, size })
  }
  try {
    const found = await headsOf(store, plan.wanted, options.signal, (wanted) =>
      problem(shownPlace(wanted), 'it was removed meanwhile'),
    )
    for (const [host, target] of targets) {
      const here = found.filter(({ wanted }) => wanted.host === host)
      const [files, links] = [here.filter(isFile), here.filter(isLink)]
      await target.files(files, tell)
      // After them: nothing is to be written through a link.
      await target.files(links, tell)
      await target.folders(here.filter(isFolder), tell)
    }
  } catch (error) {
    if (options.signal.aborted) throw stopped()
    throw error
  } finally {
    memory?.save()
  }
  return result
}

function isFolder({ record, wanted }: Found): boolean {
  return record?.type === 'folder' || wanted.folder
}

function isLink(found: Found): boolean {
  return found.record?.type === 'link' && !isFolder(found)
}

function isFile(found: Found): boolean {
  return !isFolder(found) && !isLink(found)
}

/** For messages: "server2:/opt/local/x" on a host. */
function shownPlace({ host, base, path }: Destination): string {
  return shownPath({ path: join(base, path), source: { host } })
}

/** All hosts are reached before the first file is made. */
async function targetsOf(
  store: ObjectStore,
  wanted: readonly Destination[],
  options: RestoreOptions,
): Promise<Map<string | undefined, RestoreTarget>> {
  const { me, dryRun, overwrite, signal, on } = options
  const onBytes = (count: number) => on({ type: 'bytes', count })
  const own = { dryRun, overwrite, signal, onBytes }
  const targets = new Map<string | undefined, RestoreTarget>()
  for (const host of new Set(wanted.map((one) => one.host))) {
    const target =
      host === undefined
        ? new LocalTarget(store, own)
        : new HostTarget(await options.scriptsOf(host), store, me, own)
    targets.set(host, target)
  }
  return targets
}

/** What there is to know of each; in the order of the keys. */
async function headsOf(
  store: ObjectStore,
  wanted: readonly Destination[],
  signal: AbortSignal,
  onGone: (wanted: Destination) => void,
): Promise<Found[]> {
  const found: (Found | undefined)[] = []
  await inParallel(wanted.entries(), CONNECTIONS, async ([index, one]) => {
    signal.throwIfAborted()
    const head = await store.head(one.key, one.version)
    if (head) found[index] = { wanted: one, head, record: recordOf(head) }
    else onGone(one)
  })
  return found.filter((one) => one !== undefined)
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
