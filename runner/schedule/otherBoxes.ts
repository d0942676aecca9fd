/** Tasks that come after tasks of other hosts, because what they start waits for what those bring. Pure. */
import type { Task } from './schedule.ts'

/**
 * Without what is no task of this run, and without what would have tasks wait for each other in a circle: there the
 * waiting on the host itself, which has an end, is all there is.
 * bounded: only some hosts are begun at once, so that whole hosts wait for each other.
 */
export function withOtherBoxes(tasks: readonly Task[], bounded: boolean): Task[] {
  const known = new Map(tasks.map((task) => [task.id, task]))
  const nodeOf = ({ host, id }: Task) => (bounded ? host : id)
  const edges = new Map<string, Set<string>>()
  const add = (from: Task, to: Task) =>
    edges.set(nodeOf(from), (edges.get(nodeOf(from)) ?? new Set()).add(nodeOf(to)))
  for (const task of tasks) {
    for (const id of [...task.needs, ...task.after]) {
      const other = known.get(id)
      if (other?.host === task.host && !bounded) add(task, other)
    }
  }
  return tasks.map((task) => {
    const after = task.after.filter((id) => {
      const other = known.get(id)
      if (!other) return false
      if (other.host === task.host) return true
      if (leads(nodeOf(other), nodeOf(task), edges)) return false
      add(task, other)
      return true
    })
    return after.length === task.after.length ? task : { ...task, after }
  })
}

function leads(from: string, to: string, edges: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const reached = new Set([from])
  for (const node of reached) for (const next of edges.get(node) ?? []) reached.add(next)
  return reached.has(to)
}
