/** What a run over hosts has to do, how far it is, and what bounds it: the input of decide.ts. Plain data. */

export interface Task {
  /** Of all hosts of the run. */
  id: string
  host: string
  /** Tasks without which it cannot begin: when one fails, it is skipped. */
  needs: readonly string[]
  /** Tasks that only come before it, of other hosts too: how they end does not matter. */
  after: readonly string[]
  /** How long it is expected to take. */
  seconds: number
  /** Whether it can use several cpus. */
  parallel: boolean
  /** The package that it builds, where other hosts need it too: one builds, then the others have it. */
  shares: string | undefined
}

export interface HostBounds {
  /** Cpus that its builds may use at once. */
  cpus: number
  /** The host divides its cpus among the builds itself, as they need them (see host/cpus.sh); else each build has a fixed share. */
  dividesCpus: boolean
}

export interface RunBounds {
  /** Tasks at once on all hosts together. */
  jobs: number | undefined
  /** Hosts that are begun and have not come to their end. */
  hostsAtOnce: number | undefined
  /** Nothing begins any more once a task has failed, on whatever host. */
  failFast: boolean
}

export type TaskState =
  | { is: 'waiting' | 'done' | 'failed' }
  /** cpus: its share; 1 where the host divides them. */
  | { is: 'running'; cpus: number }
  | { is: 'skipped'; because: string }

export interface Schedule {
  /**
   * In the order of plans, host after host: all of each host that is to be decided about. That may be some of the run's,
   * where only there something has changed, and no bound holds over all of them.
   */
  tasks: readonly Task[]
  states: ReadonlyMap<string, TaskState>
  hosts: ReadonlyMap<string, HostBounds>
  bounds: RunBounds
  /** Seconds from the beginning of a task to the end of the run at best: see longestPath.ts. */
  paths: ReadonlyMap<string, number>
  /** Hosts whose tasks may begin: what they need from elsewhere is there. */
  ready: ReadonlySet<string>
  /** Packages that a task of whatever host builds now, for others too. */
  building: ReadonlySet<string>
  /** Packages that a task has built, and the others have only to install. */
  stored: ReadonlySet<string>
  /** Hosts where nothing can be done any more. */
  lost: ReadonlySet<string>
}

export function stateOf(schedule: Schedule, id: string): TaskState {
  return schedule.states.get(id) ?? { is: 'waiting' }
}

export function isEnded({ is }: TaskState): boolean {
  return is === 'done' || is === 'failed' || is === 'skipped'
}
