/**
 * What an end-to-end test works in: a project folder, a cache and sandboxes of its own, and the built program. Nothing is
 * shared with another test file; `close` ends and removes all of it.
 */
import { execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../runner/paths.ts'

const MAIN = join(packageRoot, '.build', 'main.js')

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'build-stack-e2e-'))
  readonly project = join(this.folder, 'project')
  readonly archives = join(this.folder, 'archives')
  readonly #env: NodeJS.ProcessEnv

  constructor(env: NodeJS.ProcessEnv = {}) {
    this.#env = { ...process.env, BUILD_STACK_CACHE: join(this.folder, 'cache'), NO_COLOR: '1', ...env }
    for (const name of ['recipes', 'patches']) mkdirSync(join(this.project, name), { recursive: true })
    mkdirSync(this.archives)
  }

  /** A file of the project, by its path in it. */
  write(path: string, text: string): void {
    const file = join(this.project, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  /** The repository's own recipes, patches and archives that were fetched before (so that a repeat needs no network). */
  useOwnRecipes(): void {
    for (const name of ['recipes', 'patches']) {
      const from = join(packageRoot, name)
      if (existsSync(from)) cpSync(from, join(this.project, name), { recursive: true })
    }
  }

  build(...words: string[]): Promise<Outcome> {
    const argv = [MAIN, '-C', this.project, ...words, '--sources', this.archives]
    return this.#run(argv)
  }

  command(...words: string[]): Promise<Outcome> {
    return this.#run([MAIN, '-C', this.project, ...words])
  }

  /** The program as a process of its own, to be killed; `onLine` gets its JSON lines. */
  start(words: string[], onEvent: (event: Record<string, unknown>) => void): { kill: () => void; ended: Promise<void> } {
    const child = spawn(process.execPath, [MAIN, '-C', this.project, '--json', ...words, '--sources', this.archives], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let rest = ''
    child.stdout.on('data', (piece: Buffer) => {
      const lines = (rest + piece.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onEvent(JSON.parse(line) as Record<string, unknown>)
    })
    return { kill: () => child.kill('SIGKILL'), ended: new Promise((done) => child.on('close', () => done())) }
  }

  /** The root of a sandbox's world on this machine. */
  root(host: string): string {
    return join(this.folder, 'cache', 'sandbox', host, 'root')
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
        else found.push(`f ${mode} ${here} ${readFileSync(join(top, here)).toString('base64').slice(0, 4000)}`)
      }
    }
    if (existsSync(top)) walk('')
    return found
  }

  async close(): Promise<void> {
    await this.command('sandbox', 'reset')
    rmSync(this.folder, { recursive: true, force: true })
  }

  #run(argv: string[]): Promise<Outcome> {
    return new Promise((resolve) => {
      execFile(process.execPath, argv, { env: this.#env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        const code = error ? ((error as { code?: number }).code ?? null) : 0
        resolve({ code, stdout, stderr })
      })
    })
  }
}
