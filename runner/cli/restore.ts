/** `build-stack restore PROFILE [PATH...]`: makes files of what is in a bucket. */
import { resolve } from 'node:path'
import { BuildStackError } from '../errors.ts'
import type { Profile } from '../sync/profile.ts'
import { restore } from '../sync/restore.ts'
import type { RestorePlace } from '../sync/restorePlan.ts'
import { OpenHosts } from './openHosts.ts'
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
  const to = options.to === undefined ? undefined : placeOf(options.to)
  if (to?.folder === undefined) requireOwnPlace(profile)
  const at = options.at === undefined ? undefined : timeOf(options.at)
  const { dryRun, overwrite } = options
  return overStore(read, options, started, {
    run: async ({ store, signal, on }) => {
      const hosts = new OpenHosts(options, signal)
      try {
        return await restore(store, profile, {
          ...{ me: read.me, beginnings: paths, to, at, dryRun, overwrite, signal, on },
          scriptsOf: (host) => hosts.scriptsOf(host),
        })
      } finally {
        await hosts.close()
      }
    },
    summary: restoreSummary,
    isPending: ({ restored }) => restored > 0,
  })
}

/** "HOST:/FOLDER" or "HOST:", as scp has it; else a folder of this machine. */
function placeOf(text: string): RestorePlace {
  const [, host, folder = ''] = /^([^/:]+):(.*)$/.exec(text) ?? []
  if (host === undefined) return { host, folder: resolve(text) }
  if (folder === '') return { host, folder: undefined }
  if (!folder.startsWith('/') || folder.includes('\n'))
    throw new BuildStackError('USAGE', `the folder of ${host} has to be absolute, "${folder}" is not`, {
      next: `Write --to ${host}:/FOLDER; a folder of this machine with a colon as ./${text}.`,
    })
  return { host, folder: resolve(folder) }
}

/** Keys do not say which root they came from. */
function requireOwnPlace({ roots, relativePaths }: Profile): void {
  if (relativePaths && roots.length > 1)
    throw new BuildStackError('USAGE', 'the profile has several roots, and keys do not say which', {
      next: 'Say where: --to FOLDER.',
    })
}

function timeOf(text: string): Date {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time
  throw new BuildStackError('USAGE', `"${text}" is not a time`, {
    next: 'Write it as 2026-11-20, 2026-11-20T18:00 (this machine’s time) or 2026-11-20T18:00:00Z.',
  })
}
