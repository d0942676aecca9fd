/**
 * What a dry run knows of a host beyond its plan: texts that differ, files that come and go, services that would restart,
 * how long it takes, and what on the host is not as it was left. Plain data; run/previewHost.ts gathers its input.
 */
import type { Drift } from './drift.ts'

export interface Preview {
  /** Of the actions that do something, by recipe. */
  actions: Record<string, ActionPreview>
  drift: Drift[]
  disk: DiskNeed[]
}

export interface ActionPreview {
  texts: TextChange[]
  /** Files below the prefix that would appear and vanish; undefined where they are not known before the build. */
  files: FileForecast | undefined
  /** In the order in which they stop. */
  services: ServiceForecast[]
  duration: Estimate | undefined
  /** Host that built the package which is installed instead of a build, where that is known. */
  packageOf: string | undefined
  /** Configuration files that stay as they are, and why. */
  kept: KeptFile[]
}

/** A text that goes to the host in another form than it has there. Absent old: there is none; absent new: it goes. */
export interface TextChange {
  kind: 'patch' | 'configuration' | 'manifest' | 'method'
  /** Of the plan's change that it belongs to. */
  label: string
  /** What a reader knows it by: a patch's name, a path. */
  name: string
  old?: string
  new?: string
}

/** Relative to the prefix. */
export interface FileForecast {
  appear: string[]
  vanish: string[]
}

export interface ServiceForecast {
  name: string
  what: 'start' | 'restart' | 'stop'
  /** Expected seconds from its stop to its start. */
  downSeconds: number | undefined
}

export interface Estimate {
  seconds: number
  /** The host whose last run it is taken from. */
  from: string
}

export interface KeptFile {
  path: string
  because: 'edited' | 'link' | 'not ours'
}

export interface DiskNeed {
  folder: string
  /** Bytes. */
  needed: number
  free: number | undefined
}
