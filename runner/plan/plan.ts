/**
 * The plan: per host, the ordered actions that take the recorded state to the wanted one, each with its reasons. A value:
 * it can be printed, compared, saved as JSON and run later. makePlan.ts makes it, render.ts shows it, run/ carries it out.
 */
import type { Build } from '../desired/build.ts'
import type { FileDamage } from '../probe/facts.ts'
import type { InstalledService, ServiceVerb } from '../services/supervisor.ts'
import type { AdoptedFiles } from './adoption.ts'

export const PLAN_FORMAT = 1

/**
 * keep: nothing to do. install: not there yet. upgrade, downgrade: another version. rebuild: the same version from other
 * inputs. relink: rebuilt because a library that it is linked to is gone. repair: recorded files are gone or changed. update: only configuration files or service
 * definitions differ, nothing is compiled. rollback: an earlier package comes back. remove: it goes. adopt: what somebody
 * installed by hand is recorded. start, stop, restart, refresh: what an administrator asks of its services.
 */
export type ActionKind =
  | 'keep'
  | 'install'
  | 'upgrade'
  | 'downgrade'
  | 'rebuild'
  | 'relink'
  | 'repair'
  | 'update'
  | 'rollback'
  | 'remove'
  | 'adopt'
  | ServiceVerb

/** Where a package is that is installed instead of a build. */
export interface ActionPackage {
  name: string
  /** host: kept there since it was installed. controller: built for another host. store: put there by another controller. */
  at: 'host' | 'controller' | 'store'
}

/** One input that differs: absent old means added, absent new means removed. */
export interface Change {
  /** build: compiled anew; files and services: replaced without compiling. */
  part: 'build' | 'files' | 'services'
  /** "version", "configure", "env CFLAGS", "patch 01-x.patch", "dependency libevent", a path, a service name. */
  label: string
  old?: string
  new?: string
}

export interface Action {
  recipe: string
  version: string
  /** The version in the receipt. */
  installed?: string
  kind: ActionKind
  /** Sentences for a person, most important first: "version 1.6.17 -> 1.6.18", "not installed". */
  reasons: string[]
  changes: Change[]
  /** Recorded files that are not as recorded; absent for none. */
  damage?: FileDamage[]
  /** Titles of what would run, in order; empty for keep. */
  steps: string[]
  build: Build
  /** A package with just these inputs is there: it is installed, and nothing is compiled. */
  package?: ActionPackage
  /**
   * Only with relink: done only if, after the other recipes of this plan, one of these libraries is gone. What a
   * build will provide is not known before it is built.
   */
  onlyWithout?: string[]
  /** What is done with files of nobody that are in the way; without it, the run refuses to replace them. */
  conflicts?: Conflicts
  /** Only with adopt. */
  adopted?: AdoptedFiles
  /** Only with start, stop, restart and refresh: in this order. */
  services?: InstalledService[]
}

/** adopt: those that are the same as the new ones are taken over. overwrite: others are replaced too, and kept aside. */
export type Conflicts = 'adopt' | 'overwrite'

export interface Plan {
  format: typeof PLAN_FORMAT
  host: string
  /** "Linux 6.1 x86_64" */
  platform: string
  prefix: string
  actions: Action[]
}
