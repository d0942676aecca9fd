/** How long the rest of a run takes at least from a task on: its own time and that of what waits for it. Pure. */
import type { Task } from './schedule.ts'

/** Seconds by task: what has the longest path to the end is to begin first. */
export function longestPaths(tasks: readonly Task[]): Map<string, number> {
  const followers = new Map<string, Task[]>()
  for (const task of tasks) {
    for (const before of [...task.needs, ...task.after]) {
      followers.set(before, [...(followers.get(before) ?? []), task])
    }
  }
  const paths = new Map<string, number>()
  const pathOf = (task: Task): number => {
    const known = paths.get(task.id)
    if (known !== undefined) return known
    const rest = (followers.get(task.id) ?? []).map(pathOf)
    const path = task.seconds + Math.max(0, ...rest)
    paths.set(task.id, path)
    return path
  }
  for (const task of tasks) pathOf(task)
  return paths
}
