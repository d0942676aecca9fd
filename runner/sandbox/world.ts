/**
 * The sandbox's world as its server sees it: a root folder of its own, in which programs are started.
 * The SSH server and SMF use it; worldMounts.ts makes it.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { BuildStackError } from '../errors.ts'
import { type Account, requireAccount, requireGroup, supplementaryGroups } from './accounts.ts'
import { findProgram, resolveInWorld } from './worldPath.ts'

export interface SpawnInWorld {
  /** The whole environment; nothing is inherited. */
  env: Record<string, string>
  /** Working folder, a path inside the world. */
  cwd: string
  /** Account of the world's /etc/passwd to run as, by name or number; root without it. */
  user?: string
  group?: string
  stdio: StdioOptions
  /** A session and process group of its own. */
  detached?: boolean
}

export interface World {
  /** Path of the world's root on this machine. */
  root: string
  /** Starts a program in the world; a missing program, account or folder is an 'error' event or a message thrown. */
  spawn(argv: [string, ...string[]], options: SpawnInWorld): ChildProcess
}

/** What a spawn needs to know of this machine. */
export interface WorldHold {
  root: string
  /** Process whose mount namespace is the world's. */
  pid: number
  /** Whether accounts have real numbers (root), or root's is the only one and the others are seen in a namespace each. */
  manyNumbers: boolean
  /** Absolute paths of this machine's programs; /usr is the same in the world. */
  tools: { nsenter: string; setpriv: string; unshare: string; env: string }
}

/**
 * Root keeps what builds and daemons need. What it loses reaches beyond the world: mounts, kernel modules, devices,
 * the clock, and through SYS_PTRACE the server's own view of this machine (/proc/PID/root).
 */
const CAPABILITIES =
  'chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,net_raw,sys_chroot,setfcap,sys_nice,sys_resource'
    .split(',')
    .map((name) => `+${name}`)
    .join(',')

export function createWorld(hold: WorldHold): World {
  return { root: hold.root, spawn: (argv, options) => spawnInWorld(hold, argv, options) }
}

function spawnInWorld(hold: WorldHold, argv: [string, ...string[]], options: SpawnInWorld): ChildProcess {
  const folder = resolveInWorld(hold.root, options.cwd)
  if (folder === undefined) throw new BuildStackError('HOST', `${options.cwd}: no such folder in the sandbox`)
  const [name, ...rest] = argv
  const program = findProgram(hold.root, name, options.env.PATH ?? '/usr/bin')
  if (program === undefined) throw new BuildStackError('HOST', `${name}: no such program in the sandbox`)

  // Through the holder's root: a path of this machine would leave the program with a working folder outside the world.
  const enter = [`--mount=/proc/${hold.pid}/ns/mnt`, `--wd=/proc/${hold.pid}/root${folder}`, '--']
  const loader = Object.entries(options.env).filter(([key]) => key.startsWith('LD_'))
  const env = Object.fromEntries(Object.entries(options.env).filter(([key]) => !key.startsWith('LD_')))
  // Variables of the dynamic loader are for the program, not for the ones that lead to it.
  const last = loader.length === 0 ? [] : [hold.tools.env, ...loader.map(([key, value]) => `${key}=${value}`)]
  return spawn(hold.tools.nsenter, [...enter, ...credentials(hold, options), ...last, program, ...rest], {
    env,
    cwd: '/',
    stdio: options.stdio,
    detached: options.detached ?? false,
  })
}

/** The command words that make a process the account's. */
function credentials(hold: WorldHold, options: SpawnInWorld): string[] {
  const limits = [hold.tools.setpriv, '--inh-caps=-all', `--bounding-set=-all,${CAPABILITIES}`]
  const account = requireAccount(hold.root, options.user ?? 'root')
  const gid = options.group === undefined ? account.gid : requireGroup(hold.root, options.group)
  if (!hold.manyNumbers) {
    if (account.uid === 0) return limits
    return [hold.tools.unshare, '--user', `--map-user=${account.uid}`, `--map-group=${gid}`, '--']
  }
  return [...limits, ...numbers(hold.root, account, gid)]
}

function numbers(root: string, account: Account, gid: number): string[] {
  const groups = supplementaryGroups(root, account.name)
  return [
    `--reuid=${account.uid}`,
    `--regid=${gid}`,
    groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`,
  ]
}
