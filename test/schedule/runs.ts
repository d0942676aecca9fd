/** Schedules of any shape for fast-check, and their run on a pretended clock. */
import fc from 'fast-check'
import { type Decision, decide } from '../../runner/schedule/decide.ts'
import { longestPaths } from '../../runner/schedule/longestPath.ts'
import { withOtherBoxes } from '../../runner/schedule/otherBoxes.ts'
import type { HostBounds, RunBounds, Schedule, Task, TaskState } from '../../runner/schedule/schedule.ts'

export interface Given {
  tasks: Task[]
  hosts: Map<string, HostBounds>
  bounds: RunBounds
  /** Tasks that will fail. */
  failing: ReadonlySet<string>
}

const oneTask = fc.record({
  seconds: fc.integer({ min: 1, max: 20 }),
  parallel: fc.boolean(),
  fails: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
  // Of tasks of the same host that stand before it.
  needs: fc.uniqueArray(fc.nat(7), { maxLength: 3 }),
  after: fc.uniqueArray(fc.nat(7), { maxLength: 2 }),
  // Of any hosts: number of the host, number of the task.
  awaits: fc.array(fc.tuple(fc.nat(4), fc.nat(7)), { maxLength: 2 }),
  shares: fc.option(fc.constantFrom('p', 'q', 'r'), { nil: undefined }),
})

const oneHost = fc.record({
  cpus: fc.integer({ min: 1, max: 6 }),
  dividesCpus: fc.boolean(),
  tasks: fc.array(oneTask, { maxLength: 8 }),
})

export const anyRun: fc.Arbitrary<Given> = fc
  .record({
    hosts: fc.array(oneHost, { minLength: 1, maxLength: 5 }),
    jobs: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    hostsAtOnce: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    failFast: fc.boolean(),
  })
  .map(({ hosts, ...bounds }) => {
    const failing = new Set<string>()
    const tasks = hosts.flatMap((host, at) =>
      host.tasks.map((task, index): Task => {
        const id = (number: number) => `h${at} t${number}`
        const earlier = (numbers: number[]) => numbers.filter((number) => number < index).map(id)
        if (task.fails) failing.add(id(index))
        const { seconds, parallel, shares } = task
        const needs = earlier(task.needs)
        const awaited = task.awaits.flatMap(([box, number]) => (box === at ? [] : `h${box} t${number}`))
        const after = [...earlier(task.after), ...awaited]
        return { id: id(index), host: `h${at}`, needs, after, seconds, parallel, shares }
      }),
    )
    return {
      tasks: withOtherBoxes(tasks, bounds.hostsAtOnce !== undefined),
      hosts: new Map(hosts.map(({ cpus, dividesCpus }, at) => [`h${at}`, { cpus, dividesCpus }])),
      bounds,
      failing,
    }
  })

export interface Ran {
  /** When all had ended. */
  seconds: number
  states: Map<string, TaskState>
  begun: { id: string; at: number; end: number; cpus: number }[]
  decisions: Decision[]
}

/** What tasks that run build for others, too. */
export function buildingOf({ tasks, states, stored }: Pick<Schedule, 'tasks' | 'states' | 'stored'>) {
  const running = tasks.filter(({ id }) => states.get(id)?.is === 'running')
  return new Set(running.flatMap(({ shares }) => shares ?? []).filter((name) => !stored.has(name)))
}

/** look: called with each state in which nothing more is to be decided. */
export function ran(given: Given, look: (schedule: Schedule) => void = () => {}): Ran {
  const states = new Map<string, TaskState>()
  const paths = longestPaths(given.tasks)
  const ready = new Set(given.hosts.keys())
  const stored = new Set<string>()
  const schedule: Schedule = {
    ...{ ...given, states, paths, ready, lost: new Set(), stored },
    get building() {
      return buildingOf({ tasks: given.tasks, states, stored })
    },
  }
  const begun: Ran['begun'] = []
  const decisions: Decision[] = []
  let clock = 0
  for (;;) {
    const decision = decide(schedule)
    decisions.push(decision)
    for (const { id, because } of decision.skip) states.set(id, { is: 'skipped', because })
    for (const { id, cpus } of decision.start) {
      const { seconds = 0 } = given.tasks.find((task) => task.id === id) ?? {}
      states.set(id, { is: 'running', cpus })
      begun.push({ id, at: clock, end: clock + seconds, cpus })
    }
    look(schedule)
    const running = begun.filter(({ id }) => states.get(id)?.is === 'running')
    if (running.length === 0) return { seconds: clock, states, begun, decisions }
    clock = Math.min(...running.map(({ end }) => end))
    for (const { id, end } of running) {
      if (end === clock) states.set(id, { is: given.failing.has(id) ? 'failed' : 'done' })
    }
  }
}
