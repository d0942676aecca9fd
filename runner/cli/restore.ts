/** `build-stack restore PROFILE [PATH...]`: makes files of what is in a bucket. */
import { resolve } from 'node:path'
import { BuildStackError } from '../errors.ts'
import type { Profile } from '../sync/profile.ts'
import { restore } from '../sync/restore.ts'
import { overStore } from './overStore.ts'
import { readProfile } from './readProfile.ts'
import { restoreSummary } from './report/syncText.ts'
import type { RestoreCommandOptions } from './syncCommands.ts'

export async function restoreCommand(
  name: string,
  paths: string[],
  options: RestoreCommandOptions,
): Promise<number> {
  const started = performance.now()
  const read = await readProfile(name, options.directory)
  const { profile } = read
  const to = options.to === undefined ? undefined : resolve(options.to)
  if (to === undefined) requireOwnPlace(profile)
  const at = options.at === undefined ? undefined : timeOf(options.at)
  const { dryRun, overwrite } = options
  return overStore(read, options, started, {
    run: (open) =>
      restore(open.store, profile, {
        ...{ beginnings: paths, to, at, dryRun, overwrite },
        ...{ signal: open.signal, on: open.on },
      }),
    summary: restoreSummary,
    isPending: ({ restored }) => restored > 0,
  })
}

/** Keys do not say which root they came from. */
function requireOwnPlace({ roots, relativePaths }: Profile): void {
  const next = 'Say where: --to FOLDER.'
  const away = roots.find(({ host }) => host !== undefined)
  if (away)
    throw new BuildStackError('USAGE', `the profile has files of ${away.host}, and they are restored here`, {
      next,
    })
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
