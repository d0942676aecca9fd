/**
 * Where a running sandbox is, as its server wrote it into endpoint.json when it began to listen. Read by control.ts on
 * every command that addresses a sandbox host, so it must stay cheap: one small file and one line of /proc.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { cacheFolder } from '../paths.ts'

export type SandboxServer = 'ssh2' | 'openssh'

export interface SandboxEndpoint {
  name: string
  address: '127.0.0.1'
  port: number
  /** root; the other accounts of the world's /etc/passwd can log in with the same key. */
  user: string
  identityFile: string
  knownHostsFile: string
  /** The world's root folder on this machine. */
  root: string
  /** Process that holds the sandbox's namespaces: when it ends, everything in the sandbox ends. */
  pid: number
}

export interface RunningSandbox extends SandboxEndpoint {
  server: SandboxServer
  /** Start time of pid in clock ticks since boot, so that another process with the same number is not taken for it. */
  startTime: string
  /** ISO 8601. */
  since: string
}

/** The sandbox's folder: its world, keys and logs. */
export function sandboxFolder(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new BuildStackError('CONFIG', `${JSON.stringify(name)} is not a name for a sandbox`, {
      next: 'Use letters, digits, dots, hyphens and underscores, beginning with a letter or a digit.',
    })
  }
  return cacheFolder('sandbox', name)
}

/** The sandbox's endpoint while it runs and listens, undefined otherwise. */
export function readEndpoint(name: string): RunningSandbox | undefined {
  let endpoint: RunningSandbox
  try {
    endpoint = JSON.parse(readFileSync(join(sandboxFolder(name), 'endpoint.json'), 'utf8'))
  } catch (error) {
    if (error instanceof BuildStackError) throw error
    return undefined
  }
  return isAlive(endpoint.pid, endpoint.startTime) ? endpoint : undefined
}

/** Written whole or not at all. */
export function writeEndpoint(folder: string, endpoint: RunningSandbox): void {
  const file = join(folder, 'endpoint.json')
  writeFileSync(`${file}.new`, `${JSON.stringify(endpoint, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}

/** Whether the process is the one that was started then, and not a zombie. */
export function isAlive(pid: number, startTime: string): boolean {
  const fields = processFields(pid)
  return fields !== undefined && fields[0] !== 'Z' && fields[0] !== 'X' && fields[19] === startTime
}

/** Number of the parent of pid, undefined when there is no such process. */
export function parentOf(pid: number): number | undefined {
  const fields = processFields(pid)
  return fields && Number(fields[1])
}

/** Fields of /proc/PID/stat from the state on; the command's name before them may hold blanks and parentheses. */
function processFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
