/** What sync and restore share: the store of a profile, Ctrl-C, what is printed, the exit status. */
import { openStore } from '../s3/client.ts'
import type { ObjectStore } from '../s3/objectStore.ts'
import type { Profile } from '../sync/profile.ts'
import type { ReadProfile } from './readProfile.ts'
import { type SyncPrinter, syncPrinter } from './report/syncText.ts'
import { signalled } from './signalled.ts'

/** Exit statuses, as of a run: something went wrong with a file; something would be done. */
const SOME_FAILED = 1
const PENDING = 2

export interface StoreWork<Result> {
  run: (open: { store: ObjectStore; signal: AbortSignal; on: SyncPrinter['on'] }) => Promise<Result>
  /** The last line. */
  summary: (name: Profile['name'], result: Result, seconds: number, dryRun: boolean) => string
  /** Whether there is something to do, of a dry run. */
  isPending: (result: Result) => boolean
}

/** started: of performance.now. @returns the exit status. */
export async function overStore<Result extends { problems: number }>(
  { profile, notes }: Pick<ReadProfile, 'profile' | 'notes'>,
  options: { json: boolean; quiet: boolean; dryRun: boolean },
  started: number,
  { run, summary, isPending }: StoreWork<Result>,
): Promise<number> {
  const { dryRun } = options
  const store = openStore(profile.store)
  const stop = signalled()
  const printer = syncPrinter(options)
  for (const text of notes) printer.on({ type: 'note', text })
  try {
    const result = await run({ store, signal: stop.signal, on: printer.on })
    const seconds = (performance.now() - started) / 1000
    printer.end(summary(profile.name, result, seconds, dryRun), { ...result, seconds }, result.problems === 0)
    if (result.problems > 0) return SOME_FAILED
    return dryRun && isPending(result) ? PENDING : 0
  } finally {
    stop.end()
    store.close()
  }
}
