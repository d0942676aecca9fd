/** What a host's last run changed -> what has to come back so that it is undone. Pure. */
import { BuildStackError } from '../errors.ts'
import type { HistoryEntry } from '../receipts/history.ts'
import type { RollbackWish } from './rollback.ts'

export interface LastRun {
  /** In the order in which they were changed. */
  wishes: RollbackWish[]
  /** What it did besides, and no package brings back: installations, removals, updates. */
  others: HistoryEntry[]
}

/** The version before is in a package. */
const REPLACED = ['upgrade', 'downgrade', 'rebuild', 'relink', 'rollback']

/** @throws BuildStackError USAGE when the last run replaced nothing. */
export function lastRun(host: string, entries: readonly HistoryEntry[]): LastRun {
  const done = entries.filter(({ result }) => result === 'done')
  const last = done.at(-1)
  const run = done.filter((entry) => entry === last || (last?.run !== undefined && entry.run === last.run))
  const replaced = run.filter(({ action, from }) => REPLACED.includes(action) && from !== undefined)
  const others = run.filter((entry) => !replaced.includes(entry))
  if (last && replaced.length > 0) {
    const wishes = replaced.map(({ recipe, from, to }) => ({ recipe, to: from === to ? undefined : from }))
    return { wishes, others }
  }
  const did = others.map(({ recipe, action }) => `${action} ${recipe}`).join(', ')
  throw new BuildStackError(
    'USAGE',
    last ? `the last run on ${host} replaced nothing: ${did}` : `nothing was done on ${host} yet`,
    { host, next: `name a recipe: build-stack rollback ${host} RECIPE` },
  )
}
