/** Reads what sshTarget.ts needs of this machine: the user's ssh_config with its includes, keys, environment. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { BuildStackError } from '../errors.ts'
import type { SshHostEntry, SshSurroundings } from './sshTarget.ts'

/** CONFIG when ~/.ssh/config is there and cannot be read. `hosts` looks up the other entries of hosts.yaml. */
export function sshSurroundings(
  env: Record<string, string | undefined>,
  hosts: (name: string) => SshHostEntry | undefined,
): SshSurroundings {
  const home = env.HOME || homedir()
  const configFile = join(home, '.ssh', 'config')
  const surroundings = { home, configFile, env, exists: existsSync, hosts, readInclude, textOf: readText }
  return { ...surroundings, user: userInfo().username, config: readText(configFile) }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return ''
    const next = `Check it with: ls -l ${file}`
    throw new BuildStackError('CONFIG', `${file} cannot be read (${code})`, { next, cause })
  }
}

function readInclude(pattern: string): string[] {
  return matchingFiles(pattern).map(readText)
}

/** The files that a pattern means, sorted as ssh reads them. * and ? stand for parts of one name. */
function matchingFiles(pattern: string): string[] {
  if (!/[*?]/.test(pattern)) return [pattern]
  const folders = matchingFiles(dirname(pattern))
  const name = pattern.slice(dirname(pattern).length).replace(/^\//, '')
  const source = name
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]')
  // As in the shell, a name that begins with a dot has to be asked for.
  const fits = (found: string) =>
    new RegExp(`^${source}$`).test(found) && (name.startsWith('.') || !found.startsWith('.'))
  return folders.flatMap((folder) =>
    names(folder)
      .filter(fits)
      .sort()
      .map((found) => join(folder, found)),
  )
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
