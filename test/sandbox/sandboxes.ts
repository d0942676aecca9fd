/**
 * Started sandboxes for the tests: one of the account that runs the tests and, where that is root, one of an ordinary
 * account, whose sandbox knows one number only. Each has its own cache folder.
 */
import { execFile } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ssh2, { type Client } from 'ssh2'
import { packageRoot } from '../../runner/paths.ts'
import type { SandboxEndpoint } from '../../runner/sandbox/control.ts'

const run = promisify(execFile)
const ORDINARY = 65534

export interface Result {
  code: number | null
  signal: string | undefined
  stdout: string
  stderr: string
}

export interface RunOptions {
  user?: string
  stdin?: Buffer | string
}

export interface TestSandbox {
  label: string
  /** Whether accounts have real numbers in it. */
  many: boolean
  endpoint: SandboxEndpoint
  connect(user?: string): Promise<Client>
  /** One command on a connection that is kept for the account. */
  run(command: string, options?: RunOptions): Promise<Result>
}

export interface TestSandboxes {
  all: TestSandbox[]
  close(): Promise<void>
}

/** A cache folder for control.ts in this process; the old one is back after close. */
export function useCacheFolder(): { folder: string; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-test-'))
  const before = process.env.BUILD_STACK_CACHE
  process.env.BUILD_STACK_CACHE = folder
  return {
    folder,
    close() {
      if (before === undefined) delete process.env.BUILD_STACK_CACHE
      else process.env.BUILD_STACK_CACHE = before
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One sandbox for each kind of account that there is. */
export async function startSandboxes(): Promise<TestSandboxes> {
  await buildServer()
  const folders = process.getuid?.() === 0 ? [process.getuid(), ORDINARY] : [process.getuid?.() ?? 0]
  const started = await Promise.all(
    folders.map(async (uid) => {
      const folder = mkdtempSync(join(tmpdir(), 'sandbox-test-'))
      chownSync(folder, uid, uid)
      const endpoint = JSON.parse(await control(folder, uid, "await ensureSandbox('test')"))
      return { uid, folder, sandbox: testSandbox(uid, endpoint) }
    }),
  )
  return {
    all: started.map(({ sandbox }) => sandbox),
    async close() {
      for (const { uid, folder, sandbox } of started) {
        await sandbox.end()
        await control(folder, uid, "await resetSandbox('test')")
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}

/** Evaluates an expression with control.ts in a process of that account; resolves to its value as JSON. */
export async function control(folder: string, uid: number, expression: string): Promise<string> {
  const module = JSON.stringify(join(packageRoot, 'runner', 'sandbox', 'control.ts'))
  const program = `import { ensureSandbox, resetSandbox } from ${module}
    console.log(JSON.stringify(${expression} ?? null))`
  const become = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', process.execPath]
  const node = ['--import', 'tsx', '--input-type=module', '-e', program]
  const env = { ...process.env, HOME: folder, TMPDIR: folder, BUILD_STACK_CACHE: folder }
  const own = uid === process.getuid?.()
  const { stdout } = await run(own ? process.execPath : 'setpriv', own ? node : [...become, ...node], {
    cwd: packageRoot,
    env,
  })
  return stdout
}

/** Bundles the server when a source of it is newer than the bundle. */
export async function buildServer(): Promise<void> {
  const bundle = join(packageRoot, '.build', 'sandbox-server.js')
  const folder = join(packageRoot, 'runner', 'sandbox')
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  const newest = Math.max(...sources.map((name) => statSync(join(folder, name)).mtimeMs))
  if (existsSync(bundle) && statSync(bundle).mtimeMs > newest) return
  await run('npm', ['run', '--silent', 'build'], { cwd: packageRoot })
}

function testSandbox(uid: number, endpoint: SandboxEndpoint): TestSandbox & { end(): Promise<void> } {
  const connections = new Map<string, Promise<Client>>()
  const connection = (user: string) => {
    const kept = connections.get(user) ?? connect(endpoint, user)
    connections.set(user, kept)
    return kept
  }
  return {
    label: uid === 0 ? 'root' : 'an ordinary account',
    many: uid === 0,
    endpoint,
    connect: (user = 'root') => connect(endpoint, user),
    async run(command, options = {}) {
      return exec(await connection(options.user ?? 'root'), command, options.stdin)
    },
    async end() {
      for (const client of connections.values()) (await client).end()
    },
  }
}

export function connect(
  endpoint: SandboxEndpoint,
  user: string,
  key = endpoint.identityFile,
): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.on('error', reject)
    client.once('ready', () => resolve(client.setNoDelay(true)))
    client.connect({
      host: endpoint.address,
      port: endpoint.port,
      username: user,
      privateKey: readFileSync(key),
      hostVerifier: (offered: Buffer) => isKnown(endpoint, offered),
    })
  })
}

function isKnown(endpoint: SandboxEndpoint, key: Buffer): boolean {
  const [name, , known] = readFileSync(endpoint.knownHostsFile, 'utf8').trim().split(' ')
  return name === `[127.0.0.1]:${endpoint.port}` && known === key.toString('base64')
}

export function exec(client: Client, command: string, stdin?: Buffer | string): Promise<Result> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) {
        reject(error)
        return
      }
      const out: Buffer[] = []
      const err: Buffer[] = []
      channel.on('data', (piece: Buffer) => out.push(piece))
      channel.stderr.on('data', (piece: Buffer) => err.push(piece))
      channel.on('close', (code: number | null, signal?: string) =>
        resolve({
          code,
          signal,
          stdout: Buffer.concat(out).toString('latin1'),
          stderr: Buffer.concat(err).toString('latin1'),
        }),
      )
      channel.end(stdin)
    })
  })
}
