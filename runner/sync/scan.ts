/** All roots of a profile, as one list of keys. */
import { collision } from './addEntry.ts'
import type { Entry, Scan } from './entry.ts'
import { HostFiles } from './hostFiles.ts'
import type { ScriptsOfHost } from './hostScripts.ts'
import { scanLocal } from './localFiles.ts'
import type { Profile } from './profile.ts'

/** @throws CONFIG for roots that cannot be used, and for two files with one key; what `scriptsOf` throws. */
export async function scanRoots(profile: Profile, scriptsOf: ScriptsOfHost): Promise<Scan> {
  const scan: Scan = { entries: new Map(), problems: [], passedOver: [], unread: [] }
  const files = new Map<string, HostFiles>()
  for (const root of profile.roots) {
    if (root.host === undefined) scanLocal(profile, root, scan)
    else {
      // The same of one host: a file that two roots have is one file.
      const there = files.get(root.host) ?? new HostFiles(await scriptsOf(root.host))
      files.set(root.host, there)
      await there.scan(profile, root, scan)
    }
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
