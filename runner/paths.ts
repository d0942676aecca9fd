/** Where build-stack's own files are, and where it keeps what it makes on this machine. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds package.json: the same for the sources in runner/ and for the bundle in .build/. */
export const packageRoot: string = findPackageRoot(dirname(fileURLToPath(import.meta.url)))

function findPackageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findPackageRoot(dirname(folder))
}

/**
 * $BUILD_STACK_CACHE, else $XDG_CACHE_HOME/build-stack, else ~/.cache/build-stack.
 * Sources, sandboxes, logs, the inventory and copies of parsed files live below it; nothing else outside the project is written.
 */
export function cacheFolder(...parts: string[]): string {
  const base =
    process.env.BUILD_STACK_CACHE ??
    join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'build-stack')
  return join(base, ...parts)
}

/** A path that a user wrote: ~ is the home folder, and a relative one is below the folder. */
export function located(path: string, folder: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1))
  return isAbsolute(path) ? resolve(path) : resolve(folder, path)
}

/** A shell script that runs on hosts, by its name in runner/host/. */
export function hostScript(name: string): string {
  return join(packageRoot, 'runner', 'host', name)
}
