/** How much a plan holds, in one line. */
import type { ActionKind, Plan } from './plan.ts'

const WORDS: readonly [ActionKind, string][] = [
  ['install', 'to install'],
  ['upgrade', 'to upgrade'],
  ['downgrade', 'to downgrade'],
  ['rebuild', 'to rebuild'],
  ['relink', 'to rebuild for what it is linked to'],
  ['repair', 'to repair'],
  ['update', 'to update'],
  ['rollback', 'to bring back'],
  ['remove', 'to remove'],
  ['adopt', 'to take into the records'],
  ['start', 'to start'],
  ['stop', 'to stop'],
  ['restart', 'to restart'],
  ['refresh', 'to refresh'],
  ['keep', 'up to date'],
]

/** "1 to install, 1 to upgrade, 3 up to date". */
export function planSummary(plan: Plan): string {
  const counts = WORDS.map(([kind, words]) => {
    const count = plan.actions.filter((action) => action.kind === kind).length
    return count === 0 ? '' : `${count} ${words}`
  })
  return counts.filter(Boolean).join(', ') || 'no recipes'
}
