/** Where restore makes files: this machine, or a host. What is done with each is decided here, for both. Pure. */
import { createHash } from 'node:crypto'
import type { ObjectHead } from '../s3/objectStore.ts'
import { FileProblem } from './fileProblem.ts'
import type { HostFile } from './hostListing.ts'
import type { ObjectRecord } from './record.ts'
import type { Destination } from './restorePlan.ts'

/** An object, and where it goes. */
export interface Found {
  wanted: Destination
  head: ObjectHead
  /** Undefined for what somebody else's program put. */
  record: ObjectRecord | undefined
}

/** What is in the place of a file. */
export type Standing = Omit<HostFile, 'path'>

export type Outcome = 'same' | 'restore' | 'replace'

/** How it went with one: an error that is no FileProblem stops all. */
export type Tell = (found: Found, outcome: Outcome | { error: unknown }) => void

export interface RestoreTarget {
  /** Files and links. Rejects with what stops all of it. */
  files(found: readonly Found[], tell: Tell): Promise<void>
  /** Folders with modes of their own: one that nobody may write to comes after what is in it. */
  folders(found: readonly Found[], tell: Tell): Promise<void>
}

export interface TargetOptions {
  dryRun: boolean
  /** Replaces files that are there and differ. */
  overwrite: boolean
  signal: AbortSignal
  onBytes: (count: number) => void
}

/** "mode": all but that is as it should be. @throws FileProblem for what may not be replaced. */
export function decide(
  standing: Standing | undefined,
  record: ObjectRecord | undefined,
  overwrite: boolean,
): Outcome | 'mode' {
  if (standing && record && isAsRecorded(standing, record))
    return record.type === 'file' && standing.mode !== record.mode ? 'mode' : 'same'
  if (standing?.type === 'folder') throw new FileProblem('there is a folder in its place')
  if (standing && !overwrite) throw new FileProblem('it is there and differs; --overwrite replaces it')
  return standing ? 'replace' : 'restore'
}

/** Whether the file is what the record says, as far as its size and time tell; a link, where it leads. */
function isAsRecorded(standing: Standing, record: ObjectRecord): boolean {
  if (standing.type !== record.type) return false
  if (record.type === 'link') return sha256(standing.target ?? '') === record.sha256
  return standing.size === record.size && sameTime(standing.mtime, record.mtime)
}

const SECOND = 1_000_000

/** Within what a number keeps of it; or in seconds, where a system sets no other times. */
function sameTime(there: number, wanted: number): boolean {
  return Math.abs(there - wanted) <= 1 || there === Math.floor(wanted / SECOND) * SECOND
}

/** Bytes of the file. */
export function sizeOf({ record, head }: Pick<Found, 'record' | 'head'>): number {
  return record?.size ?? head.size
}

/** Mode and time that it gets: those of the record, or what there is to an object of somebody else's. */
export function attributesOf({ record, head }: Pick<Found, 'record' | 'head'>): {
  mode: number
  mtime: number
} {
  const { mode, mtime } = record ?? { mode: 0o644, mtime: head.modified.getTime() * 1000 }
  return { mode, mtime }
}

export function modeOfFolder({ record }: Pick<Found, 'record'>): number {
  return record?.mode ?? 0o755
}

/** The deepest first. */
export function deepestFirst(folders: readonly Found[]): Found[] {
  return [...folders].sort((a, b) => b.wanted.path.length - a.wanted.path.length)
}

/** A name for what is there of an object that is on its way: of this version and no other. */
export function partName({ wanted, head }: Pick<Found, 'wanted' | 'head'>): string {
  return sha256(`${wanted.key}\n${head.etag}`).slice(0, 16)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
