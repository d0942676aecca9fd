/** What a root has: files, links and folders, each with the key of its object. */
import type { EntryType } from './record.ts'

export interface Entry {
  key: string
  /** Absolute, on its machine. */
  path: string
  type: EntryType
  /** Bytes; of a link, those of its text. */
  size: number
  /** Microseconds since 1970. 0 for folders, whose time changes with what is in them. */
  mtime: number
  /** Permissions; 0 for links, which have none. */
  mode: number
  /** Of a link: where it leads, as written. */
  target?: string
  source: FileSource
}

/** Something that cannot be synced; the rest goes on. */
export interface Problem {
  path: string
  reason: string
}

export interface Scan {
  entries: Map<string, Entry>
  problems: Problem[]
  /** Sockets, pipes and devices: nothing that can be kept. */
  passedOver: Problem[]
  /** Beginnings of keys that could not be looked at: nothing is removed there. */
  unread: string[]
}

/** Where files are read: this machine, or a host. */
export interface FileSource {
  /** Undefined for this machine. */
  readonly host?: string
  /** Rejects with BuildStackError, or with an error that has a system's code. */
  open(path: string): Promise<OpenFile>
}

export interface OpenFile {
  readonly size: number
  readonly mtime: number
  readonly mode: number
  /** All of these bytes, or less at the end of the file. */
  read(from: number, length: number): Promise<Buffer>
  /** Whether it still is what it was when it was opened. */
  unchanged(): Promise<boolean>
  close(): Promise<void>
}
