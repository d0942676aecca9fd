/** Files of the world as SMF reads them, by the paths that the world's users write. */
import { readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { resolveInWorld } from '../worldPath.ts'

/** Path on this machine, links followed inside the world; undefined when something of it is missing. */
export function fileInWorld(root: string, path: string, cwd = '/'): string | undefined {
  const resolved = resolveInWorld(root, path.startsWith('/') ? path : `${cwd}/${path}`)
  return resolved === undefined ? undefined : join(root, resolved)
}

export function statInWorld(root: string, path: string, cwd?: string): Stats | undefined {
  const file = fileInWorld(root, path, cwd)
  return file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })
}

/** undefined when there is no such file. */
export function readInWorld(root: string, path: string, cwd?: string): Buffer | undefined {
  const file = fileInWorld(root, path, cwd)
  return file === undefined ? undefined : readFileSync(file)
}
