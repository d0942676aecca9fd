/**
 * Runs a program of this machine (never of a host) and collects what it prints. The only file that knows zx.
 *
 * zx always goes through a shell and quotes in bash's own way ($'…'), which dash does not read. Its `spawn`
 * option is the way round both: the words go to the program as they are, and zx still collects the output.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { BuildStackError } from './errors.ts'

export interface LocalOptions {
  /** Working folder; the current one by default. */
  folder?: string
  /** Added to this process's environment. */
  environment?: Record<string, string>
  input?: string | Buffer
  /** Ends the program and everything it started; the result then has code null. */
  signal?: AbortSignal
  timeoutSeconds?: number
}

export interface LocalResult {
  /** Exit status; null when the program was ended by a signal, a time-out included. */
  code: number | null
  stdout: string
  stderr: string
}

/**
 * Resolves whatever the exit status is. Everything printed is held in memory: for listings, not for archives.
 * Rejects with PREREQUISITE when there is no such program on PATH.
 */
export async function run(argv: string[], options: LocalOptions = {}): Promise<LocalResult> {
  const [program, ...words] = argv
  if (program === undefined) throw new TypeError('run needs a program')
  const { $ } = await import('zx/core')
  const running = $({
    spawn: ((_command: string, _words: string[], settings: object) =>
      spawn(program, words, { ...settings, shell: false })) as typeof spawn,
    quote: String,
    env: { ...process.env, ...options.environment },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    nothrow: true,
    quiet: true,
    verbose: false,
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
    ...(options.input === undefined ? {} : { input: options.input }),
    // A process group of its own, so that one signal reaches all that the program started. zx's own ways to
    // end a program either leave its children or need a `ps`, which small Debian systems lack.
    detached: true,
  })`${program}`
  const stop = () => {
    try {
      if (running.pid) process.kill(-running.pid)
    } catch {
      // It ended by itself just now.
    }
  }
  const timer = options.timeoutSeconds && setTimeout(stop, options.timeoutSeconds * 1000)
  options.signal?.addEventListener('abort', stop, { once: true })
  if (options.signal?.aborted) stop()
  try {
    const output = await running
    const cause = output.cause as NodeJS.ErrnoException | undefined
    if (isMissing(program, cause) && (options.folder === undefined || canEnter(options.folder))) {
      throw new BuildStackError('PREREQUISITE', `${program} is not installed on this machine`)
    }
    if (cause?.syscall?.startsWith('spawn')) throw cause
    return { code: output.signal ? null : output.exitCode, stdout: output.stdout, stderr: output.stderr }
  } finally {
    if (timer) clearTimeout(timer)
    options.signal?.removeEventListener('abort', stop)
  }
}

/** EACCES is the answer too when nothing was found but a folder on PATH is closed to the user. */
function isMissing(program: string, cause: NodeJS.ErrnoException | undefined): boolean {
  return cause?.code === 'ENOENT' || (cause?.code === 'EACCES' && !program.includes('/'))
}

function canEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Whether a process of this machine is there, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
