/** Which earlier run tells how long an action takes: the last on this host, else the last on another of its platform. Pure. */
import type { Recorded } from '../plan/estimate.ts'
import type { Action } from '../plan/plan.ts'
import type { HostInventory } from './inventory.ts'

/** inventories: the one seen last first. */
export function recordedFor(
  { recipe, steps, build }: Pick<Action, 'recipe' | 'steps' | 'build'>,
  host: string,
  inventories: readonly HostInventory[],
): Recorded | undefined {
  const own = inventories.filter((one) => one.host === host)
  const siblings = inventories.filter(
    (one) => one.host !== host && one.receipts[recipe]?.platform === build.platform,
  )
  const found = [...own, ...siblings].find(({ durations }) => {
    const seconds = durations[recipe]?.seconds ?? {}
    // One that only ever installed a package does not know what a build takes.
    return steps.some((title) => title in seconds) && (!steps.includes('build') || 'build' in seconds)
  })
  const expected = found?.durations[recipe]
  return found && expected && { host: found.host, expected, cpus: found.cpus }
}
