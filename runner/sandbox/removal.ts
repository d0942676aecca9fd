/** Deletes a sandbox's folder, also where a build left folders that even their owner may not write. */
import { chmodSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** The folder is gone under its name at once, and deleted after that. */
export function removeTree(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return
  const doomed = `${folder}~${process.pid}`
  renameSync(folder, doomed)
  try {
    rmSync(doomed, { recursive: true })
  } catch {
    openFolders(doomed)
    rmSync(doomed, { recursive: true, force: true })
  }
}

function openFolders(folder: string): void {
  chmodSync(folder, 0o700)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) openFolders(join(folder, entry.name))
  }
}
