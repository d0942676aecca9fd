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

/** A text that goes to the host in another form than it has there. */
export interface TextChange {
  /**
   * mode: the same text with another mode, owner or group. unknown: the host has one, and nobody can say what it was when
   * it was installed.
   */
  what: 'new' | 'changed' | 'mode' | 'gone' | 'unknown'
  kind: 'patch' | 'configuration' | 'manifest' | 'method'
  /** Of the plan's change that it belongs to. */
  label: string
  /** What a reader knows it by: a patch's name, a path. */
  name: string
  /** Not of a new one, nor of an unknown one. */
  old?: string
  /** Of all but one that is gone. */
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
  /** dropped: edited, and the recipe has it no more. */
  because: 'edited' | 'link' | 'not ours' | 'dropped'
}

export interface DiskNeed {
  folder: string
  /** Bytes. */
  needed: number
  free: number | undefined
}
