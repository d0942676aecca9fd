/**
 * Carries out what schedule/decide.ts decides: keeps the state of a run over all of its hosts, starts what is to begin,
 * and decides anew whenever something has ended. How a task is done is its host's business.
 */
import { decide } from '../schedule/decide.ts'
import { longestPaths } from '../schedule/longestPath.ts'
import type { HostBounds, RunBounds, Schedule, Task, TaskState } from '../schedule/schedule.ts'
import { isEnded, stateOf } from '../schedule/schedule.ts'

/** lost: it failed so that nothing else can be done on its host. */
export type TaskEnd = 'done' | 'failed' | 'lost'

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
  resolve: (complete: boolean) => void
  reject: (error: unknown) => void
}

export class Scheduling {
  #tasks: Task[] = []
  #byId: ReadonlyMap<string, Task> = new Map()
  readonly #states = new Map<string, TaskState>()
  readonly #hosts = new Map<string, HostBounds>()
  readonly #ready = new Set<string>()
  readonly #lost = new Set<string>()
  readonly #stored = new Set<string>()
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
  }

  /** Each host says what it has to do before any of them begins; resolves when all have, or are lost. */
  plan(host: string, tasks: readonly Task[], bounds: HostBounds): Promise<void> {
    this.#hosts.set(host, bounds)
    this.#tasks.push(...tasks)
    this.#planned(host)
    return this.#allPlanned
  }

  /** A package that others of this run wait for is there. */
  store(name: string): void {
    this.#stored.add(name)
    this.#go()
  }

  isStored(name: string): boolean {
    return this.#stored.has(name)
  }

  /** Nothing of this host's can be done. */
  lose(host: string): void {
    this.#lost.add(host)
    this.#planned(host)
    this.#go()
  }

  #planned(host: string): void {
    if (!this.#awaited.delete(host) || this.#awaited.size > 0) return
    // Each host adds its own when it is ready: their order is to be the same in every run.
    this.#tasks = withShared(inOrder(this.#tasks, this.#order))
    this.#byId = new Map(this.#tasks.map((task) => [task.id, task]))
    this.#paths = longestPaths(this.#tasks)
    this.#open()
  }

  /**
   * Resolves when each task of the host has ended, to true; or none can begin any more, to false.
   * @throws what an effect throws.
   */
  carryOut(host: string, effects: TaskEffects): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#sides.set(host, { effects, resolve, reject })
      this.#ready.add(host)
      for (const task of this.#tasks) {
        const state = task.host === host ? this.#states.get(task.id) : undefined
        if (state?.is === 'skipped') effects.skip(task, state.because)
      }
      this.#go()
      this.#signal.addEventListener('abort', () => this.#settleEnded(), { once: true })
    })
  }

  #schedule(): Schedule {
    return {
      tasks: this.#tasks,
      states: this.#states,
      hosts: this.#hosts,
      bounds: this.#bounds,
      paths: this.#paths,
      ready: this.#ready,
      lost: this.#lost,
      stored: this.#stored,
    }
  }

  #go(): void {
    if (!this.#held.aborted && this.#awaited.size === 0) {
      const { start, skip } = decide(this.#schedule())
      for (const { id, because } of skip) {
        const task = this.#byId.get(id) as Task
        this.#states.set(id, { is: 'skipped', because })
        this.#sides.get(task.host)?.effects.skip(task, because)
      }
      // All of them before any begins: what one does at once may ask for a decision anew.
      for (const { id, cpus } of start) this.#states.set(id, { is: 'running', cpus })
      for (const { id, cpus } of start) this.#start(this.#byId.get(id) as Task, cpus)
    }
    this.#settleEnded()
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

  #end({ id, host }: Task, end: TaskEnd): void {
    this.#states.set(id, { is: end === 'done' ? 'done' : 'failed' })
    if (end === 'lost') this.#lost.add(host)
    this.#go()
  }

  #settleEnded(): void {
    const schedule = this.#schedule()
    const unfinished = new Set<string>()
    const running = new Set<string>()
    for (const { id, host } of this.#tasks) {
      const state = stateOf(schedule, id)
      if (!isEnded(state)) unfinished.add(host)
      if (state.is === 'running') running.add(host)
    }
    const goesOn = this.#signal.aborted ? running : unfinished
    for (const [host, { resolve }] of this.#sides) if (!goesOn.has(host)) resolve(!unfinished.has(host))
  }
}

function inOrder(tasks: readonly Task[], hosts: readonly string[]): Task[] {
  return hosts.flatMap((name) => tasks.filter(({ host }) => host === name))
}

/** Without the names of packages that one host alone builds. */
function withShared(tasks: readonly Task[]): Task[] {
  const wanted = new Map<string, number>()
  for (const { shares } of tasks) if (shares !== undefined) wanted.set(shares, (wanted.get(shares) ?? 0) + 1)
  return tasks.map((task) =>
    (wanted.get(task.shares ?? '') ?? 0) > 1 ? task : { ...task, shares: undefined },
  )
}
