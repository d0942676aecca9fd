/** All roots of a profile, as one list of keys. */
import type { Entry, Scan } from './entry.ts'
import { collision, scanLocal } from './localFiles.ts'
import type { Profile } from './profile.ts'

/** @throws CONFIG for roots that cannot be used, and for two files with one key. */
export function scanRoots(profile: Profile): Scan {
  const scan: Scan = { entries: new Map(), problems: [], passedOver: [], unread: [] }
  for (const root of profile.roots) scanLocal(profile, root, scan)
  if (profile.roots.length > 1) refuseFilesAsFolders(scan.entries)
  return scan
}

/** A bucket can have "a" and "a/b"; what is restored from it cannot. */
function refuseFilesAsFolders(entries: ReadonlyMap<string, Entry>): void {
  for (const { key, path } of entries.values()) {
    for (let at = key.lastIndexOf('/', key.length - 2); at > 0; at = key.lastIndexOf('/', at - 1)) {
      const file = entries.get(key.slice(0, at))
      if (file) throw collision(key.slice(0, at), file.path, path)
    }
  }
}
