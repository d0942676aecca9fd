/** Where a run finds packages and sources: on this machine, and in the store that hosts.yaml names. */
import type { Project } from '../config/load.ts'
import { ControllerStore } from '../packages/controllerStore.ts'
import { cacheFolder } from '../paths.ts'
import { readSecret } from '../run/readSecrets.ts'
import type { SharedSources } from '../sources/fetch.ts'

export interface PackageStores {
  packages: ControllerStore
  sources: SharedSources | undefined
  /** When what was built and fetched is in the store. */
  close(): Promise<void>
}

/** @throws PREREQUISITE when the key of the store is not there. */
export async function packageStores(
  { store }: Pick<Project, 'store'>,
  { offline, ...rest }: { offline: boolean; signal: AbortSignal; onNote: (text: string) => void },
): Promise<PackageStores> {
  const folder = cacheFolder('packages')
  if (!store || offline)
    return { packages: new ControllerStore(folder), sources: undefined, close: async () => {} }
  const [{ SharedBucket }, { SharedPackages }, { BucketSources }] = await Promise.all([
    import('../store/sharedBucket.ts'),
    import('../store/sharedPackages.ts'),
    import('../store/sharedSources.ts'),
  ])
  const { settings, prefix, key } = store
  const bucket = new SharedBucket({ settings, prefix, uploads: cacheFolder('store', 'uploads'), ...rest })
  const secret = key && readSecret('key of the store', key, {})
  return {
    packages: new SharedPackages(folder, bucket, secret),
    sources: new BucketSources(bucket),
    close: () => bucket.close(),
  }
}
