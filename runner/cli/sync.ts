/** `build-stack sync PROFILE`: makes a bucket what folders are. */
import { sync } from '../sync/syncRun.ts'
import { OpenHosts } from './openHosts.ts'
import { overStore } from './overStore.ts'
import { readProfile } from './readProfile.ts'
import { syncSummary } from './report/syncText.ts'
import type { SyncCommandOptions } from './syncCommands.ts'

export async function syncCommand(name: string, options: SyncCommandOptions): Promise<number> {
  const started = performance.now()
  const read = await readProfile(name, options.directory)
  const { dryRun, force, createBucket } = options
  return overStore(read, options, started, {
    run: async ({ store, signal, on }) => {
      const hosts = new OpenHosts(options, signal)
      try {
        return await sync(store, read.profile, {
          ...{ me: read.me, dryRun, force, createBucket, signal, on },
          ...{ remove: options.delete, trustCache: !options.rebuildCache },
          scriptsOf: (host) => hosts.scriptsOf(host),
        })
      } finally {
        await hosts.close()
      }
    },
    summary: syncSummary,
    isPending: ({ put, updated, removed }) => put + updated + removed > 0,
  })
}
