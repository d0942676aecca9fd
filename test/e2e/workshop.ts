/**
 * What an end-to-end test works in: a project folder, a cache, a home folder and sandboxes of its own, and the built
 * program. Nothing is shared with another test file; `close` ends and removes all of it.
 */
import { execFile, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../runner/paths.ts'
import type { RunningSandbox } from '../../runner/sandbox/endpoint.ts'
import { connectSsh } from '../../runner/transports/ssh.ts'

const MAIN = join(packageRoot, '.build', 'main.js')

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

export type Event = Record<string, unknown> & { type: string }

export interface Started {
  pid: number
  kill(signal?: NodeJS.Signals): void
  ended: Promise<Outcome>
}

export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'build-stack-e2e-'))
  readonly project = join(this.folder, 'project')
  readonly archives = join(this.folder, 'archives')
  readonly home = join(this.folder, 'home')
  /** Of the program. */
  readonly env: NodeJS.ProcessEnv

  constructor(env: NodeJS.ProcessEnv = {}) {
    const { SSH_AUTH_SOCK: _, ...inherited } = process.env
    this.env = { ...inherited, HOME: this.home, BUILD_STACK_CACHE: this.cache(), NO_COLOR: '1', ...env }
    for (const name of ['recipes', 'patches']) mkdirSync(join(this.project, name), { recursive: true })
    for (const folder of [this.archives, this.home]) mkdirSync(folder)
  }

  cache(...parts: string[]): string {
    return join(this.folder, 'cache', ...parts)
  }

  /** A file of the project, by its path in it. */
  write(path: string, text: string): void {
    const file = join(this.project, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  /** A file of the home folder that the program sees. */
  writeHome(path: string, text: string): void {
    const file = join(this.home, path)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, text)
  }

  remove(path: string): void {
    rmSync(join(this.project, path))
  }

  /** Takes a file of this repository over; `change` may edit its text. */
  takeOver(path: string, change: (text: string) => string = (text) => text): void {
    this.write(path, change(readFileSync(join(packageRoot, path), 'utf8')))
  }

  /** All recipes and patches of this repository. */
  takeOverRecipes(): void {
    for (const name of ['recipes', 'patches']) {
      const from = join(packageRoot, name)
      if (existsSync(from)) cpSync(from, join(this.project, name), { recursive: true })
    }
  }

  /** A run that finds its archives in `archives`. */
  build(...words: string[]): Promise<Outcome> {
    return this.command(...words, '--sources', this.archives)
  }

  command(...words: string[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const argv = [MAIN, '-C', this.project, ...words]
      execFile(process.execPath, argv, { env: this.env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        const code = error ? ((error as { code?: number }).code ?? null) : 0
        resolve({ code, stdout, stderr })
      })
    })
  }

  /**
   * A run with --json as a process to send signals to; `onEvent` gets its events as they come. through: a command that
   * becomes it. more: further options.
   */
  start(
    words: string[],
    onEvent: (event: Event) => void,
    through: string[] = [],
    more: readonly string[] = ['--sources', this.archives],
  ): Started {
    const options = ['-C', this.project, '--json', ...words, ...more]
    const [program = '', ...argv] = [...through, process.execPath, MAIN, ...options]
    const child = spawn(program, argv, { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] })
    const outcome = { stdout: '', stderr: '' }
    let rest = ''
    child.stdout.on('data', (piece: Buffer) => {
      outcome.stdout += piece
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onEvent(JSON.parse(line) as Event)
    })
    child.stderr.on('data', (piece: Buffer) => {
      outcome.stderr += piece
    })
    return {
      pid: child.pid as number,
      kill: (signal = 'SIGKILL') => void child.kill(signal),
      ended: new Promise((done) => child.on('close', (code) => done({ code, ...outcome }))),
    }
  }

  /** The root of a sandbox's world on this machine. */
  root(host: string): string {
    return this.cache('sandbox', host, 'root')
  }

  /** A file of a host, undefined when it is not there. */
  read(host: string, path: string): string | undefined {
    const file = join(this.root(host), path)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }

  endpoint(host: string): RunningSandbox {
    return JSON.parse(readFileSync(this.cache('sandbox', host, 'endpoint.json'), 'utf8')) as RunningSandbox
  }

  /** A command on a sandbox that runs, as root; its output without the last line break. */
  async login(host: string, command: string): Promise<Outcome> {
    const { name, address, port, user, identityFile, knownHostsFile } = this.endpoint(host)
    const transport = await connectSsh(
      {
        ...{ name, address, port, user, hostKeyAlias: undefined, jump: undefined },
        ...{ identityFiles: [identityFile], identitiesOnly: true, agent: undefined },
        ...{ knownHostsFiles: [knownHostsFile], connectTimeoutSeconds: 20, keepaliveSeconds: 30 },
      },
      { acceptNewHostKeys: false, askSecret: undefined, confirmHostKey: undefined },
    )
    try {
      const { code, stdout, stderr } = await transport.exec(command)
      return { code, stdout: stdout.toString('utf8').trimEnd(), stderr: stderr.trimEnd() }
    } finally {
      await transport.close()
    }
  }

  /** Path, kind, mode and content of everything under the prefix but build-stack's own records. */
  prefix(host: string, prefix = '/opt/local'): string[] {
    const top = join(this.root(host), prefix)
    const found: string[] = []
    const walk = (path: string) => {
      for (const name of readdirSync(join(top, path)).sort()) {
        const here = path ? `${path}/${name}` : name
        if (here === 'var/build-stack') continue
        const stat = lstatSync(join(top, here))
        const mode = (stat.mode & 0o7777).toString(8)
        if (stat.isDirectory()) {
          found.push(`d ${mode} ${here}`)
          walk(here)
        } else if (stat.isSymbolicLink()) found.push(`l ${here} -> ${readlinkSync(join(top, here))}`)
        else
          found.push(`f ${mode} ${here} ${readFileSync(join(top, here)).toString('base64').slice(0, 4000)}`)
      }
    }
    if (existsSync(top)) walk('')
    // A folder that only holds the records is one of them.
    return found.filter((entry, index) => entry !== 'd 755 var' || found[index + 1]?.includes(' var/'))
  }

  async close(): Promise<void> {
    await this.command('sandbox', 'reset')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The events of a run with --json. */
export function eventsOf(stdout: string): Event[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event)
}
