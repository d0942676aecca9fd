/** `build-stack sync PROFILE`: makes a bucket what folders are. */
import { openStore } from '../s3/client.ts'
import { sync } from '../sync/syncRun.ts'
import { readProfile } from './readProfile.ts'
import { syncPrinter, syncSummary } from './report/syncText.ts'
import { signalled } from './signalled.ts'
import type { SyncCommandOptions } from './syncCommands.ts'

/** Exit statuses, as of a run: something went wrong with a file; something would be done. */
const SOME_FAILED = 1
const PENDING = 2

export async function syncCommand(name: string, options: SyncCommandOptions): Promise<number> {
  const started = performance.now()
  const { profile, me, notes } = await readProfile(name, options.directory)
  const store = openStore(profile.store)
  const stop = signalled()
  const printer = syncPrinter(options)
  for (const text of notes) printer.on({ type: 'note', text })
  const { dryRun, force, createBucket } = options
  try {
    const result = await sync(store, profile, {
      ...{ me, dryRun, force, createBucket, remove: options.delete, trustCache: !options.rebuildCache },
      signal: stop.signal,
      on: printer.on,
    })
    const seconds = (performance.now() - started) / 1000
    const text = syncSummary(profile.name, result, seconds, dryRun)
    printer.end(text, { ...result, seconds }, result.problems === 0)
    if (result.problems > 0) return SOME_FAILED
    return dryRun && result.put + result.updated + result.removed > 0 ? PENDING : 0
  } finally {
    stop.end()
    store.close()
  }
}
