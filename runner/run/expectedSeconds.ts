/** How long an action will take: what it took before, else a guess, which only has to tell long ones from short ones. Pure. */
import type { JobContext } from '../build/jobFolder.ts'
import { secondsOf } from '../plan/estimate.ts'
import type { Action } from '../plan/plan.ts'
import { compiles } from '../schedule/hostTasks.ts'
import type { HostInventory } from './inventory.ts'
import { recordedFor } from './recordedRuns.ts'

/** Of a build that nobody has timed, and of what compiles nothing. */
const GUESSES = { build: 120, install: 5 }

/** inventories: the one seen last first. */
export function expectedSeconds(
  action: Action,
  { host, facts }: Pick<JobContext, 'host' | 'facts'>,
  inventories: readonly HostInventory[],
): number {
  const recorded = recordedFor(action, host.name, inventories)
  if (!recorded) return compiles(action) ? GUESSES.build : GUESSES.install
  const seconds = secondsOf(action, recorded, host.name, facts.cpus)
  // Steps of the same title are recorded as one.
  return [...new Set(action.steps)].reduce((sum, title) => sum + (seconds[title] ?? 0), 0)
}
