/** `store` of hosts.yaml, with the parts of its URL told apart. */
import { located } from '../paths.ts'
import type { StoreSettings } from '../s3/objectStore.ts'
import type { HostsFile } from './hosts.ts'

export interface SharedStoreSettings {
  settings: StoreSettings
  /** Ends with "/", or is empty. */
  prefix: string
  /** Where the secret is that all who use the store have. */
  key: { env: string } | { file: string } | undefined
}

/** Relative paths are below `folder`, the project's. */
export function storeOf(store: NonNullable<HostsFile['store']>, folder: string): SharedStoreSettings {
  const given = typeof store === 'string' ? { url: store } : store
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(given.url) ?? []
  const { endpoint, region, path_style: pathStyle, ca, aws_profile: awsProfile, key } = given
  return {
    settings: {
      ...{ bucket, endpoint, region, pathStyle, awsProfile },
      ca: ca === undefined ? undefined : located(ca, folder),
    },
    prefix: path.replace(/\/*$/, path ? '/' : ''),
    key,
  }
}
