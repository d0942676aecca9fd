/** What one probe of a host finds. Plain data: plans are made from it, and it can be written by hand in a test. */
import type { Receipt } from '../receipts/receipt.ts'

export interface JobState {
  /** Folder name below WORK/jobs. */
  id: string
  /** ended: its process is gone and left no exit status (the host went down, or it was killed). */
  state: 'running' | 'ended'
}

/** How a recorded file differs; configuration: a configuration file that is not there. */
export const DAMAGE = ['missing', 'type', 'size', 'mode', 'target', 'content', 'configuration'] as const

export interface FileDamage {
  /** A recipe, or RECIPE.services. */
  component: string
  what: (typeof DAMAGE)[number]
  /** Relative to the prefix; of a configuration file absolute. */
  path: string
}

export interface ServiceState {
  fmri: string
  /** online, offline, maintenance, ... */
  state: string
  /** "-" when it is not moving. */
  nextState: string
  since: string
}

export interface Facts {
  os: string
  release: string
  /** uname -v: the best field to tell hosts apart. */
  kernel: string
  machine: string
  node: string
  uid: number
  user: string
  /** Shell for every later script: POSIX, by its path. */
  shell: string
  /** Name to path of the programs found on the host's PATH. */
  tools: Record<string, string>
  cpus: number
  /** First line of what the make that builds use says of its version; absent for one that says nothing. */
  make?: string
  /** Versions of the C library, "GLIBC_2.36"; absent when the host does not say. */
  libc?: string[]
  /** What its processors can do: "x86-64-v2", on Solaris "avx"; absent when the host does not say. */
  cpu?: string[]
  /** Bytes; undefined when the host does not say. */
  memory: number | undefined
  /** Free bytes. */
  diskFree: { prefix: number | undefined; work: number | undefined }
  writable: { prefix: boolean; work: boolean }
  /** What gives root: nothing needed, one of these in front of a command, or undefined when nothing does. `sudo-password`:
   * sudo is there and did not do it without a password; `sudo-terminal`: nor without a terminal. */
  privilege: 'none' | 'pfexec' | 'sudo' | 'sudo-password' | 'sudo-terminal' | undefined
  supervisor: 'smf' | 'daemontools' | undefined
  packageManager: 'ips' | 'pkgin' | 'pkgutil' | 'pkg-get' | 'apt' | undefined
  receipts: Record<string, Receipt>
  /** Recipes whose receipts could not be read, with the reason. */
  damagedReceipts: Record<string, string>
  /** Recorded files that are not as recorded, as far as a quick look finds them: see host/damage.sh. */
  damage: FileDamage[]
  services: ServiceState[]
  /** What SMF said instead of telling the states of services, which are then not known. */
  servicesUnknown?: string
  /** Names of the packages that the host keeps. */
  packages: string[]
  /** Jobs that have not come to their end. */
  jobs: JobState[]
  /** Components whose switch was interrupted. */
  journals: string[]
  /** "pid 1 job ... by ... since ..." */
  lock: string | undefined
  /** The host's clock, ISO 8601. */
  date: string
}
