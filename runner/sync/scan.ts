/** All roots of a profile, as one list of keys. */
import { collision } from './addEntry.ts'
import type { Entry, Scan } from './entry.ts'
import type { HostFiles } from './hostFiles.ts'
import { scanLocal } from './localFiles.ts'
import type { Profile } from './profile.ts'

/** Files of a host, by its name in hosts.yaml. @throws what keeps them from being read. */
export type FilesOfHost = (host: string) => Promise<HostFiles>

/** @throws CONFIG for roots that cannot be used, and for two files with one key; what `filesOf` throws. */
export async function scanRoots(profile: Profile, filesOf: FilesOfHost): Promise<Scan> {
  const scan: Scan = { entries: new Map(), problems: [], passedOver: [], unread: [] }
  for (const root of profile.roots) {
    if (root.host === undefined) scanLocal(profile, root, scan)
    else await (await filesOf(root.host)).scan(profile, root, scan)
  }
  if (profile.roots.length > 1) refuseFilesAsFolders(scan.entries)
  return scan
}

/** A bucket can have "a" and "a/b"; what is restored from it cannot. */
function refuseFilesAsFolders(entries: ReadonlyMap<string, Entry>): void {
  for (const entry of entries.values()) {
    const { key } = entry
    for (let at = key.lastIndexOf('/', key.length - 2); at > 0; at = key.lastIndexOf('/', at - 1)) {
      const file = entries.get(key.slice(0, at))
      if (file) throw collision(key.slice(0, at), file, entry)
    }
  }
}
