/**
 * The sandbox's world as its server sees it: a root folder of its own, in which programs are started.
 * The SSH server and SMF use it; worldLauncher.ts makes it.
 */
import type { ChildProcess, StdioOptions } from 'node:child_process'

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
