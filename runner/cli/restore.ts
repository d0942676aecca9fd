/** `build-stack restore PROFILE [PATH...]`: makes files of what is in a bucket. */
import { resolve } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { openStore } from '../s3/client.ts'
import type { Profile } from '../sync/profile.ts'
import { restore } from '../sync/restore.ts'
import { readProfile } from './readProfile.ts'
import { restoreSummary, syncPrinter } from './report/syncText.ts'
import { signalled } from './signalled.ts'
import type { RestoreCommandOptions } from './syncCommands.ts'

/** Exit statuses, as of a run: something went wrong with a file; something would be done. */
const SOME_FAILED = 1
const PENDING = 2

export async function restoreCommand(
  name: string,
  paths: string[],
  options: RestoreCommandOptions,
): Promise<number> {
  const started = performance.now()
  const { profile, notes } = await readProfile(name, options.directory)
  const to = options.to === undefined ? undefined : resolve(options.to)
  if (to === undefined) requireOwnPlace(profile)
  const at = options.at === undefined ? undefined : timeOf(options.at)
  const store = openStore(profile.store)
  const stop = signalled()
  const printer = syncPrinter(options)
  for (const text of notes) printer.on({ type: 'note', text })
  const { dryRun, overwrite } = options
  try {
    const choice = { beginnings: paths, to, at, dryRun, overwrite }
    const result = await restore(store, profile, { ...choice, signal: stop.signal, on: printer.on })
    const seconds = (performance.now() - started) / 1000
    const text = restoreSummary(profile.name, result, seconds, dryRun)
    printer.end(text, { ...result, seconds }, result.problems === 0)
    if (result.problems > 0) return SOME_FAILED
    return dryRun && result.restored > 0 ? PENDING : 0
  } finally {
    stop.end()
    store.close()
  }
}

/** Keys do not say which root they came from. */
function requireOwnPlace({ roots, relativePaths }: Profile): void {
  const next = 'Say where: --to FOLDER.'
  if (relativePaths && roots.length > 1)
    throw new BuildStackError('USAGE', 'the profile has several roots, and keys do not say which', { next })
}

function timeOf(text: string): Date {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time
  throw new BuildStackError('USAGE', `"${text}" is not a time`, {
    next: 'Write it as 2026-11-20, 2026-11-20T18:00 (this machine’s time) or 2026-11-20T18:00:00Z.',
  })
}
