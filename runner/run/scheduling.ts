/**
 * Carries out what schedule/decide.ts decides: keeps the state of a run over all of its hosts, starts what is to begin,
 * and decides anew whenever something has ended. How a task is done is its host's business.
 */
import { decide } from '../schedule/decide.ts'
import { longestPaths } from '../schedule/longestPath.ts'
import { withOtherBoxes } from '../schedule/otherBoxes.ts'
import type { HostBounds, RunBounds, Schedule, Task, TaskState } from '../schedule/schedule.ts'
import { isEnded } from '../schedule/schedule.ts'

/**
 * lost: it failed so that nothing else can be done on its host; refused: somebody else is at work there, and it waits again,
 * as all else of its host, for a plan of what is to be done then.
 */
export type TaskEnd = 'done' | 'failed' | 'lost' | 'refused'

/** stopped: no task of the host can begin any more; refused: none may before it has another plan. */
export type HostEnd = 'complete' | 'stopped' | 'refused'

export interface TaskEffects {
  start(task: Task, cpus: number): Promise<TaskEnd>
  /** because: a task, or a host. */
  skip(task: Task, because: string): void
}

export interface Stop {
  held: AbortSignal
  signal: AbortSignal
}

interface HostSide {
  effects: TaskEffects
  resolve: (end: HostEnd) => void
  reject: (error: unknown) => void
}

export class Scheduling {
  /** As each host gave them. */
  readonly #given = new Map<string, readonly Task[]>()
  #tasks: readonly Task[] = []
  #byId: ReadonlyMap<string, Task> = new Map()
  readonly #states = new Map<string, TaskState>()
  readonly #hosts = new Map<string, HostBounds>()
  readonly #ready = new Set<string>()
  readonly #lost = new Set<string>()
  readonly #stored = new Set<string>()
  readonly #building = new Set<string>()
  #hasFailed = false
  /** Of each host that has tasks. */
  #ofHost: ReadonlyMap<string, readonly Task[]> = new Map()
  /** Hosts that need the same package, by its name. */
  #sharing: ReadonlyMap<string, readonly string[]> = new Map()
  /** Hosts with tasks that come after some of another host, by that one's name. */
  #following: ReadonlyMap<string, ReadonlySet<string>> = new Map()
  readonly #sides = new Map<string, HostSide>()
  readonly #bounds: RunBounds
  readonly #order: readonly string[]
  readonly #held: AbortSignal
  readonly #signal: AbortSignal
  #paths: ReadonlyMap<string, number> = new Map()
  readonly #awaited: Set<string>
  #open = () => {}
  readonly #allPlanned = new Promise<void>((resolve) => {
    this.#open = resolve
  })

  /** hosts: all of the run. held, signal: nothing begins once one is aborted; signal: what runs ends, too. */
  constructor(hosts: readonly string[], bounds: RunBounds, { held, signal }: Stop) {
    this.#awaited = new Set(hosts)
    this.#order = hosts
    this.#bounds = bounds
    this.#held = AbortSignal.any([held, signal])
    this.#signal = signal
    signal.addEventListener('abort', () => this.#settleEnded(this.#order), { once: true })
  }

  /**
   * Each host says what it has to do before any of them begins; resolves when all have, or are lost. One that was refused
   * says it again: what has failed there, or was skipped, is not tried once more.
   */
  plan(host: string, tasks: readonly Task[], bounds: HostBounds): Promise<void> {
    this.#hosts.set(host, bounds)
    const before = this.#given.get(host) ?? []
    const ended = before.filter(({ id }) => isEnded(this.#states.get(id) ?? WAITING))
    const again = new Set(tasks.map(({ id }) => id))
    for (const { id } of ended) {
      if (again.has(id) && this.#states.get(id)?.is === 'done') this.#states.delete(id)
    }
    this.#given.set(host, [...ended.filter(({ id }) => !again.has(id)), ...tasks])
    this.#planned(host)
    return this.#allPlanned
  }

  /** A package that others of this run wait for is there. */
  store(name: string): void {
    this.#stored.add(name)
    this.#building.delete(name)
    this.#go(this.#sharing.get(name) ?? [])
  }

  isStored(name: string): boolean {
    return this.#stored.has(name)
  }

  /** Nothing of this host's can be done. */
  lose(host: string): void {
    this.#lost.add(host)
    this.#hasFailed = true
    if (this.#awaited.has(host)) this.#planned(host)
    this.#go([host])
  }

  #planned(host: string): void {
    this.#awaited.delete(host)
    if (this.#awaited.size > 0) return
    // Each host adds its own when it is ready: their order is to be the same in every run.
    const tasks = withShared(this.#order.flatMap((host) => this.#given.get(host) ?? []))
    this.#tasks = withOtherBoxes(tasks, this.#bounds.hostsAtOnce !== undefined)
    this.#byId = new Map(this.#tasks.map((task) => [task.id, task]))
    this.#paths = longestPaths(this.#tasks)
    this.#ofHost = listed(this.#tasks, ({ host }) => host)
    const sharing = listed(this.#tasks, ({ shares }) => shares)
    this.#sharing = new Map(
      [...sharing].map(([name, tasks]) => [name, [...new Set(tasks.map(({ host }) => host))]]),
    )
    this.#following = followingHosts(this.#tasks, this.#byId)
    this.#open()
    // Some may have been ready before, or have waited for what is done by now.
    this.#go(this.#order)
  }

  /** Resolves when each task of the host has ended, or nothing runs there and none begins. @throws what an effect throws. */
  carryOut(host: string, effects: TaskEffects): Promise<HostEnd> {
    return new Promise((resolve, reject) => {
      this.#sides.set(host, { effects, resolve, reject })
      this.#ready.add(host)
      for (const task of this.#ofHost.get(host) ?? []) {
        const state = this.#states.get(task.id)
        if (state?.is === 'skipped') effects.skip(task, state.because)
      }
      this.#go([host])
    })
  }

  /** What is to be decided when something has changed on these hosts: elsewhere all would stay as it is. */
  #schedule(hosts: readonly string[]): Schedule {
    return {
      tasks: this.#concernsAll() ? this.#tasks : hosts.flatMap((host) => this.#ofHost.get(host) ?? []),
      states: this.#states,
      hosts: this.#hosts,
      bounds: this.#bounds,
      paths: this.#paths,
      ready: this.#ready,
      lost: this.#lost,
      stored: this.#stored,
      building: this.#building,
    }
  }

  /** What one host leaves, another one may take; what fails on one may end all. */
  #concernsAll(): boolean {
    const { jobs, hostsAtOnce, failFast } = this.#bounds
    return jobs !== undefined || hostsAtOnce !== undefined || (failFast && this.#hasFailed)
  }

  /** changed: hosts where something has ended, or may begin. */
  #go(changed: readonly string[]): void {
    const hosts = [
      ...new Set([...changed, ...changed.flatMap((host) => [...(this.#following.get(host) ?? [])])]),
    ]
    if (!this.#held.aborted && this.#awaited.size === 0) {
      const { start, skip } = decide(this.#schedule(hosts))
      for (const { id, because } of skip) {
        const task = this.#byId.get(id) as Task
        this.#states.set(id, { is: 'skipped', because })
        this.#sides.get(task.host)?.effects.skip(task, because)
      }
      // All of them before any begins: what one does at once may ask for a decision anew.
      for (const { id, cpus } of start) this.#begin(this.#byId.get(id) as Task, cpus)
      for (const { id, cpus } of start) this.#start(this.#byId.get(id) as Task, cpus)
    }
    this.#settleEnded(this.#concernsAll() ? this.#order : hosts)
  }

  #begin({ id, shares }: Task, cpus: number): void {
    this.#states.set(id, { is: 'running', cpus })
    if (shares !== undefined && !this.#stored.has(shares)) this.#building.add(shares)
  }

  #start(task: Task, cpus: number): void {
    // Only hosts that carry out are ready.
    const { effects, reject } = this.#sides.get(task.host) as HostSide
    effects.start(task, cpus).then(
      (end) => this.#end(task, end),
      (error) => {
        reject(error)
        this.#end(task, 'lost')
      },
    )
  }

  #end({ id, host, shares }: Task, end: TaskEnd): void {
    if (end === 'refused') {
      this.#states.delete(id)
      this.#ready.delete(host)
    } else {
      this.#states.set(id, { is: end === 'done' ? 'done' : 'failed' })
      if (end !== 'done') this.#hasFailed = true
      if (end === 'lost') this.#lost.add(host)
    }
    // Only the one that builds it is at work as long as it is not stored: then another one may.
    const wasBuilt = shares !== undefined && this.#building.delete(shares)
    this.#go(wasBuilt ? (this.#sharing.get(shares) ?? []) : [host])
  }

  #settleEnded(hosts: readonly string[]): void {
    for (const host of hosts) {
      const states = (this.#ofHost.get(host) ?? []).map(({ id }) => this.#states.get(id) ?? WAITING)
      const isComplete = states.every(isEnded)
      const isRefused = !this.#ready.has(host)
      const isAtRest = isComplete || this.#signal.aborted || isRefused
      if (!isAtRest || states.some(({ is }) => is === 'running')) continue
      this.#sides.get(host)?.resolve(isComplete ? 'complete' : this.#signal.aborted ? 'stopped' : 'refused')
      // What is skipped meanwhile is told with its next plan.
      if (isRefused) this.#sides.delete(host)
    }
  }
}

const WAITING: TaskState = { is: 'waiting' }

/** By a name; without those that have none. */
function listed(tasks: readonly Task[], nameOf: (task: Task) => string | undefined): Map<string, Task[]> {
  const lists = new Map<string, Task[]>()
  for (const task of tasks) {
    const name = nameOf(task)
    if (name === undefined) continue
    const list = lists.get(name)
    if (list) list.push(task)
    else lists.set(name, [task])
  }
  return lists
}

function followingHosts(
  tasks: readonly Task[],
  byId: ReadonlyMap<string, Task>,
): Map<string, ReadonlySet<string>> {
  const following = new Map<string, Set<string>>()
  for (const { host, after } of tasks) {
    for (const id of after) {
      const other = byId.get(id)?.host ?? host
      if (other !== host) following.set(other, (following.get(other) ?? new Set()).add(host))
    }
  }
  return following
}

/** Without the names of packages that one host alone builds. */
function withShared(tasks: readonly Task[]): Task[] {
  const wanted = new Map<string, number>()
  for (const { shares } of tasks) if (shares !== undefined) wanted.set(shares, (wanted.get(shares) ?? 0) + 1)
  return tasks.map((task) =>
    (wanted.get(task.shares ?? '') ?? 0) > 1 ? task : { ...task, shares: undefined },
  )
}
