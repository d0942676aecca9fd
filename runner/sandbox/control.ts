/**
 * Starts, finds, stops and empties sandboxes. Used by the command line and by what resolves a sandbox host; finding a
 * running one is on the way of every command, so everything else is imported when it is needed.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BuildStackError } from '../errors.ts'
import { cacheFolder } from '../paths.ts'
import {
  isAlive,
  parentOf,
  type RunningSandbox,
  readEndpoint,
  type SandboxEndpoint,
  type SandboxServer,
  sandboxFolder,
} from './endpoint.ts'

export type { SandboxEndpoint, SandboxServer } from './endpoint.ts'

export interface SandboxStatus {
  /** absent: never started, or reset. */
  state: 'running' | 'stopped' | 'absent'
  endpoint?: SandboxEndpoint
  /** When it was started, ISO 8601. */
  since?: string
}

/** How long services may take to stop before their processes are ended with the sandbox. */
const STOP_SECONDS = 120

/** The running sandbox of that name, started when it does not run. BuildStackError PREREQUISITE when it cannot be. */
export async function ensureSandbox(
  name: string,
  options: { server?: SandboxServer } = {},
): Promise<SandboxEndpoint> {
  const running = readEndpoint(name)
  if (running !== undefined && (options.server ?? running.server) === running.server) return running
  if (running !== undefined) await stopSandbox(name)
  const { launchSandbox } = await import('./launch.ts')
  return launchSandbox(name, options.server ?? 'ssh2')
}

export function sandboxStatus(name: string): SandboxStatus {
  const endpoint: RunningSandbox | undefined = readEndpoint(name)
  if (endpoint !== undefined) return { state: 'running', endpoint, since: endpoint.since }
  return { state: existsSync(join(sandboxFolder(name), 'root')) ? 'stopped' : 'absent' }
}

/** Every sandbox that has a folder, by name. */
export function listSandboxes(): { name: string; status: SandboxStatus }[] {
  const folder = cacheFolder('sandbox')
  if (!existsSync(folder)) return []
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return names
    .map(({ name }) => ({ name, status: sandboxStatus(name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Shuts it down in order: services are stopped, then everything else ends. Does nothing when it does not run. */
export async function stopSandbox(name: string): Promise<void> {
  const supervisor = readSupervisor(name)
  if (supervisor === undefined) return
  // Nobody shall find it any more while it ends.
  rmSync(join(sandboxFolder(name), 'endpoint.json'), { force: true })
  const init = findChild(supervisor.pid)
  if (init !== undefined) kill(init, 'SIGTERM')
  if (await ended(supervisor, STOP_SECONDS)) return
  await killSandbox(name)
}

/** Ends it like a power failure: nothing is stopped in order. */
export async function killSandbox(name: string): Promise<void> {
  const supervisor = readSupervisor(name)
  if (supervisor === undefined) return
  rmSync(join(sandboxFolder(name), 'endpoint.json'), { force: true })
  // Process 1 takes everything in its namespace with it, and the supervisor ends with process 1.
  kill(findChild(supervisor.pid) ?? supervisor.pid, 'SIGKILL')
  if (await ended(supervisor, 10)) return
  throw new BuildStackError('HOST', `the sandbox ${name} did not end`, {
    next: `Look at process ${supervisor.pid}.`,
  })
}

/** Stops it and deletes its world, keys and logs. */
export async function resetSandbox(name: string): Promise<void> {
  await stopSandbox(name)
  const { removeTree } = await import('./removal.ts')
  removeTree(sandboxFolder(name))
}

interface Supervisor {
  pid: number
  startTime: string
}

/** The process that launch.sh became, while it lives; it may still be starting the sandbox. */
function readSupervisor(name: string): Supervisor | undefined {
  const file = join(sandboxFolder(name), 'supervisor')
  if (!existsSync(file)) return undefined
  const [pid, startTime = ''] = readFileSync(file, 'utf8').trim().split(' ')
  return isAlive(Number(pid), startTime) ? { pid: Number(pid), startTime } : undefined
}

function findChild(pid: number): number | undefined {
  const processes = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return processes.find((candidate) => parentOf(candidate) === pid)
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function ended(supervisor: Supervisor, seconds: number): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000
  while (isAlive(supervisor.pid, supervisor.startTime)) {
    if (Date.now() > deadline) return false
    await sleep(10)
  }
  return true
}
