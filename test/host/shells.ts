/** The shells that host scripts are tested under: all of dash, ksh93, busybox sh and bash that this machine has. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostScript } from '../../runner/paths.ts'

export interface Shell {
  name: string
  path: string
}

export interface Outcome {
  /** null when a signal ended it. */
  code: number | null
  stdout: string
  stderr: string
}

const KNOWN = [
  { name: 'dash', package: 'dash' },
  { name: 'ksh', package: 'ksh' },
  { name: 'bash', package: 'bash' },
  { name: 'busybox', package: 'busybox' },
]

export function findProgram(name: string): string | undefined {
  return ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((folder) => join(folder, name)).find(existsSync)
}

/** busybox is a shell when it is called so. */
function asShell(busybox: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-busybox-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(busybox, join(folder, 'sh'))
  // For tests that run as somebody else.
  chmodSync(folder, 0o755)
  return join(folder, 'sh')
}

export const shells: Shell[] = KNOWN.flatMap(({ name, package: from }) => {
  const path = findProgram(name)
  if (path) return [{ name, path: name === 'busybox' ? asShell(path) : path }]
  console.log(`  not tested under ${name}: it is not installed (apt-get install ${from})`)
  return []
})

/** Words of the checksum command, as the scripts get them. */
export const SHA256 = 'sha256sum'

export interface ScriptOptions {
  cwd?: string
  env?: Record<string, string>
  input?: string | Buffer
  /** Runs as this user; only root may ask for it. */
  uid?: number
  /** A process group of its own, which a test can kill. */
  detached?: boolean
}

/** Runs a script of runner/host/ to its end. */
export function runScript(
  shell: Shell,
  script: string,
  words: string[],
  options: ScriptOptions = {},
): Outcome {
  const env = { BUILD_STACK_SHELL: shell.path, BUILD_STACK_SHA256: SHA256, ...options.env }
  return runIn(options.cwd, shell, [hostScript(script), ...words], { ...options, env })
}

export function runIn(
  cwd: string | undefined,
  shell: Shell,
  words: string[],
  { env, ...options }: ScriptOptions = {},
): Outcome {
  const { status, stdout, stderr, error } = spawnSync(shell.path, words, {
    ...options,
    ...(cwd !== undefined && { cwd }),
    ...(options.uid !== undefined && { gid: options.uid }),
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  if (error) throw error
  return { code: status, stdout, stderr }
}
