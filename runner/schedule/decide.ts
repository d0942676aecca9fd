/**
 * What begins next, and what never will. Pure: the same schedule gives the same decision. A host's cpus are never given
 * out twice where it does not divide them itself; among what could begin, the longest path to the end of the run goes
 * first, then the order of plans.
 */
import { isEnded, type Schedule, stateOf, type Task } from './schedule.ts'

/**
 * Builds beyond the cpus of a host that divides them itself: one that sends its source, or waits for its turn to install,
 * uses none meanwhile.
 */
export const SPARE_JOBS = 1

export interface Decision {
  /** cpus: how many it may use. */
  start: { id: string; cpus: number }[]
  /** because: the task, or the host, that failed. */
  skip: { id: string; because: string }[]
}

export function decide(schedule: Schedule): Decision {
  const skip = skipped(schedule)
  const settled = skip.length > 0 ? withSkipped(schedule, skip) : schedule
  const candidates = schedule.tasks
    .filter((task) => stateOf(settled, task.id).is === 'waiting' && canBegin(task, settled))
    // Array.sort is stable: equal paths stay in the order of plans.
    .sort((a, b) => (schedule.paths.get(b.id) ?? 0) - (schedule.paths.get(a.id) ?? 0))
  return { start: chosen(candidates, settled), skip }
}

/** What is skipped is out of the way of the others at once. */
function withSkipped(schedule: Schedule, skip: Decision['skip']): Schedule {
  // Of all hosts: a task may come after one of a host that is not decided about.
  const states = new Map(schedule.states)
  for (const { id, because } of skip) states.set(id, { is: 'skipped', because })
  return { ...schedule, states }
}

/**
 * What needs a task that failed, directly or not, each with the one before it on the way; what waits on a lost host; with
 * failFast, all that waits.
 */
function skipped(schedule: Schedule): Decision['skip'] {
  const lost = new Set(
    schedule.tasks.flatMap(({ id }) =>
      ['failed', 'skipped'].includes(stateOf(schedule, id).is) ? [id] : [],
    ),
  )
  const skip: Decision['skip'] = []
  const waiting = schedule.tasks.filter(({ id }) => stateOf(schedule, id).is === 'waiting')
  for (let found = true; found; ) {
    found = false
    for (const { id, needs } of waiting) {
      const because = lost.has(id) ? undefined : needs.find((need) => lost.has(need))
      if (because === undefined) continue
      lost.add(id)
      skip.push({ id, because })
      found = true
    }
  }
  const failed = schedule.tasks.find(({ id }) => stateOf(schedule, id).is === 'failed')?.id
  const [host] = schedule.lost
  const first = schedule.bounds.failFast ? (failed ?? host) : undefined
  for (const { id, host } of waiting) {
    const because = schedule.lost.has(host) ? host : first
    if (because !== undefined && !lost.has(id)) skip.push({ id, because })
  }
  return skip
}

function canBegin(task: Task, schedule: Schedule): boolean {
  return (
    schedule.ready.has(task.host) &&
    task.needs.every((id) => stateOf(schedule, id).is === 'done') &&
    task.after.every((id) => isEnded(stateOf(schedule, id)))
  )
}

function chosen(candidates: readonly Task[], schedule: Schedule): Decision['start'] {
  const used = usage(schedule)
  const start: Decision['start'] = []
  const rivals = new Map<string, number>()
  const isBuilt = ({ shares }: Task) => shares !== undefined && used.building.has(shares)
  const free = candidates.filter((task) => !isBuilt(task))
  for (const { host, parallel } of free) if (parallel) rivals.set(host, (rivals.get(host) ?? 0) + 1)
  for (const task of free) {
    const { jobs = Number.POSITIVE_INFINITY, hostsAtOnce = Number.POSITIVE_INFINITY } = schedule.bounds
    if (used.running >= jobs) break
    const opens = !used.open.has(task.host)
    if (opens && used.open.size >= hostsAtOnce) continue
    // It would hold the place that the other one needs.
    if (opens && hostsAtOnce < Number.POSITIVE_INFINITY && waitsForUnopened(task.host, schedule, used.open))
      continue
    if (isBuilt(task)) continue
    const cpus = shareOf(task, rivals.get(task.host) ?? 1, used.cpus.get(task.host) ?? 0, schedule)
    if (cpus === 0) continue
    if (task.parallel) rivals.set(task.host, (rivals.get(task.host) ?? 1) - 1)
    start.push({ id: task.id, cpus })
    used.running += 1
    used.open.add(task.host)
    used.cpus.set(task.host, (used.cpus.get(task.host) ?? 0) + cpus)
    if (buildsShared(task, schedule)) used.building.add(task.shares)
  }
  return start
}

/** Whether something of the host comes after something of another one that is not begun. */
function waitsForUnopened(host: string, schedule: Schedule, open: ReadonlySet<string>): boolean {
  const hosts = new Map(schedule.tasks.map((task) => [task.id, task.host]))
  return schedule.tasks.some((task) => {
    if (task.host !== host || stateOf(schedule, task.id).is !== 'waiting') return false
    return task.after.some((id) => {
      const other = hosts.get(id) ?? host
      return other !== host && !open.has(other) && !isEnded(stateOf(schedule, id))
    })
  })
}

/** Of the host's free cpus: 0 when there is none. rivals: what could use them there now, this one included. */
function shareOf(task: Task, rivals: number, used: number, { hosts }: Schedule): number {
  const { cpus = 1, dividesCpus = false } = hosts.get(task.host) ?? {}
  const free = Math.max(0, cpus - used)
  if (dividesCpus) return used < cpus + SPARE_JOBS ? 1 : 0
  if (!task.parallel) return Math.min(1, free)
  return Math.min(free, Math.max(1, Math.floor(free / Math.max(1, rivals))))
}

/** Whether others wait for what it builds. */
function buildsShared(task: Task, { stored }: Schedule): task is Task & { shares: string } {
  return task.shares !== undefined && !stored.has(task.shares)
}

function usage(schedule: Schedule) {
  const cpus = new Map<string, number>()
  const begun = new Set<string>()
  const unfinished = new Set<string>()
  let running = 0
  for (const { id, host } of schedule.tasks) {
    const state = stateOf(schedule, id)
    if (state.is === 'running') {
      running += 1
      cpus.set(host, (cpus.get(host) ?? 0) + state.cpus)
    }
    if (!isEnded(state)) unfinished.add(host)
    if (state.is !== 'waiting' && state.is !== 'skipped') begun.add(host)
  }
  const open = new Set([...begun].filter((host) => unfinished.has(host)))
  return { running, cpus, building: new Set(schedule.building), open }
}
