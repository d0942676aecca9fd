/** A job's folder as build/job.ts makes it, with steps of the test's own, and runs of start.sh and follow.sh in it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { hostScript } from '../../runner/paths.ts'
import { quote } from '../../runner/shell.ts'
import type { Shell } from './shells.ts'

/** What the scripts of a job need beside them. */
export const JOB_SCRIPTS = [
  ...['start.sh', 'job.sh', 'lock.sh', 'cpus.sh', 'resume.sh', 'follow.sh', 'alive.sh'],
  ...['cancel.sh', 'end-processes.sh'],
]

export const TOKEN = '0123456789abcdef'

export interface Followed {
  process: ChildProcess
  /** What came out so far. */
  output(): Buffer
  /** Resolves with the exit code; null when a signal ended it. */
  ended: Promise<number | null>
}

/** WORK of a pretended host. */
export class JobWorld {
  readonly work = mkdtempSync(join(tmpdir(), 'build-stack-job-'))
  readonly #started: Followed[] = []
  readonly #jobs: JobFolder[] = []

  job(shell: Shell, steps: Record<string, string>, env: Record<string, string> = {}): JobFolder {
    const folder = join(this.work, 'jobs', `job-${this.#jobs.length + 1}`)
    const job = new JobFolder(this, folder, shell, steps, env)
    this.#jobs.push(job)
    return job
  }

  get lock(): string {
    return join(this.work, 'lock')
  }

  spawn(command: string, words: string[], cwd: string, env: NodeJS.ProcessEnv): Followed {
    const child = spawn(command, words, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
    const parts: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => parts.push(part))
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    const followed = { process: child, output: () => Buffer.concat(parts), ended }
    this.#started.push(followed)
    return followed
  }

  /** Ends what still follows, and jobs by their process group. */
  async close(): Promise<void> {
    for (const { process: child } of this.#started) endGroup(child.pid)
    await Promise.all(this.#started.map(({ ended }) => ended))
    // The step of a job that was killed goes on, in the job's group.
    for (const job of this.#jobs) if (job.has('pid') && !job.has('exit')) endGroup(Number(job.read('pid')))
    rmSync(this.work, { recursive: true, force: true })
  }
}

export function endGroup(pid: number | undefined): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

export class JobFolder {
  readonly folder: string
  readonly #world: JobWorld
  readonly #shell: Shell

  constructor(
    world: JobWorld,
    folder: string,
    shell: Shell,
    steps: Record<string, string>,
    env: Record<string, string>,
  ) {
    this.#world = world
    this.folder = folder
    this.#shell = shell
    mkdirSync(join(folder, 'steps'), { recursive: true })
    for (const script of JOB_SCRIPTS) cpSync(hostScript(script), join(folder, script))
    const values = {
      PATH: process.env.PATH ?? '',
      TMPDIR: join(folder, 'tmp'),
      BUILD_STACK_SHELL: shell.path,
      BUILD_STACK_PRIVILEGE: '',
      ...env,
    }
    const exports = Object.entries(values).map(([name, value]) => `${name}=${quote(value)}; export ${name}\n`)
    this.write('env.sh', exports.join(''))
    this.write('token', `${TOKEN}\n`)
    this.write('recipe', `${basename(folder)}\n`)
    for (const [name, text] of Object.entries(steps)) {
      this.write(name === 'undo' ? 'undo.root.sh' : `steps/${name}.sh`, `. ./env.sh\n${text}\n`)
    }
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  has(name: string): boolean {
    return existsSync(join(this.folder, name))
  }

  /** run: a run of its own unless it says otherwise. through: words of a command that becomes the shell. */
  start(
    owner = 'me@here',
    env: Record<string, string> = {},
    run = basename(this.folder),
    through: readonly string[] = [],
  ): Followed {
    return this.#spawn(['./start.sh', this.#world.work, owner, run], env, through)
  }

  /** by: who has the host's lock from then on. */
  follow(offset: number, by?: string): Followed {
    const words = ['./follow.sh', String(offset), ...(by === undefined ? [] : [by])]
    return this.#world.spawn(this.#shell.path, words, this.folder, process.env)
  }

  cancel(by = 'ann@laptop', env: Record<string, string> = {}, through: readonly string[] = []): Followed {
    return this.#spawn(['./cancel.sh', this.#shell.path, by], env, through)
  }

  #spawn(words: string[], env: Record<string, string>, through: readonly string[]): Followed {
    const [program = '', ...rest] = [...through, this.#shell.path, ...words]
    return this.#world.spawn(program, rest, this.folder, { ...process.env, ...env })
  }

  /** The log with the time of each mark replaced. */
  get log(): string {
    if (!this.has('log')) return ''
    return this.read('log').replaceAll(new RegExp(`\x1e${TOKEN} \\S+ `, 'g'), `\x1e${TOKEN} TIME `)
  }

  /** Waits until something holds; the limit is for a loaded machine. */
  async until(holds: () => boolean, seconds = 20): Promise<void> {
    const end = Date.now() + seconds * 1000
    while (!holds()) {
      if (Date.now() > end)
        throw new Error(`not within ${seconds} s; the log: ${this.has('log') ? this.log : 'none'}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Starts it and waits for its end, which comes before the follower's. */
  async run(env: Record<string, string> = {}): Promise<Followed> {
    const followed = this.start('me@here', env)
    await this.until(() => this.has('exit') && this.log.includes('end '))
    return followed
  }
}
