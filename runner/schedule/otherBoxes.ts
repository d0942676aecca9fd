/** Tasks that come after tasks of other hosts, because what they start waits for what those bring. Pure. */
import { Edges } from '../desired/edges.ts'
import type { Task } from './schedule.ts'

/**
 * Without what is no task of this run, and without what would have tasks wait for each other in a circle: there the
 * waiting on the host itself, which has an end, is all there is.
 * bounded: only some hosts are begun at once, so that whole hosts wait for each other.
 */
export function withOtherBoxes(tasks: readonly Task[], bounded: boolean): Task[] {
  const known = new Map(tasks.map((task) => [task.id, task]))
  const nodeOf = ({ host, id }: Task) => (bounded ? host : id)
  const edges = new Edges()
  for (const task of tasks) {
    for (const id of [...task.needs, ...task.after]) {
      const other = known.get(id)
      if (other?.host === task.host && !bounded) edges.add(task.id, id)
    }
  }
  return tasks.map((task) => {
    const after = task.after.filter((id) => {
      const other = known.get(id)
      if (!other) return false
      if (other.host === task.host) return true
      if (edges.leads(nodeOf(other), nodeOf(task))) return false
      edges.add(nodeOf(task), nodeOf(other))
      return true
    })
    return after.length === task.after.length ? task : { ...task, after }
  })
}
