/** The built program as a child process, and commands on its sandboxes. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../runner/paths.ts'
import type { RunningSandbox } from '../../runner/sandbox/endpoint.ts'
import { connectSsh } from '../../runner/transports/ssh.ts'
import type { SshTarget } from '../../runner/transports/transport.ts'

export interface StackEvent {
  type: string
  host?: string
  recipe?: string
  version?: string
  result?: string
  seconds?: number
  step?: { title: string }
  error?: unknown
}

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
  /** The first error event, as text. */
  failure: string
}

export class Program {
  readonly #project: string
  readonly #env: Record<string, string>

  constructor(project: string, env: Record<string, string>) {
    this.#project = project
    this.#env = env
  }

  run(words: string[], onEvent: (event: StackEvent) => void = () => {}): Promise<Outcome> {
    const argv = [join(packageRoot, '.build', 'main.js'), '-C', this.#project, '--json', ...words]
    const child = spawn(process.execPath, argv, { env: { ...process.env, ...this.#env } })
    const outcome: Outcome = { code: null, stdout: '', stderr: '', failure: '' }
    let rest = ''
    child.stdout.on('data', (piece: Buffer) => {
      outcome.stdout += piece.toString()
      const lines = (rest + piece.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (!line.startsWith('{"')) continue
        const event = JSON.parse(line) as StackEvent
        if (event.error && !outcome.failure) outcome.failure = JSON.stringify(event.error, null, 2)
        onEvent(event)
      }
    })
    child.stderr.on('data', (piece: Buffer) => {
      outcome.stderr += piece.toString()
    })
    return new Promise((resolve) => child.on('close', (code) => resolve({ ...outcome, code })))
  }

  /** Standard output of a command on a sandbox. */
  async onHost(host: string, command: string): Promise<string> {
    const folder = join(this.#env.BUILD_STACK_CACHE ?? '', 'sandbox', host)
    const endpoint = JSON.parse(readFileSync(join(folder, 'endpoint.json'), 'utf8')) as RunningSandbox
    const target: SshTarget = {
      name: host,
      address: endpoint.address,
      port: endpoint.port,
      user: endpoint.user,
      identityFiles: [endpoint.identityFile],
      identitiesOnly: true,
      agent: undefined,
      knownHostsFiles: [endpoint.knownHostsFile],
      hostKeyAlias: undefined,
      jump: undefined,
      algorithms: 'modern',
      connectTimeoutSeconds: 20,
      keepaliveSeconds: 30,
    }
    const nobody = { askSecret: undefined, confirmHostKey: undefined, acceptNewHostKeys: false }
    const transport = await connectSsh(target, nobody)
    try {
      return (await transport.exec(command)).stdout.toString('utf8')
    } finally {
      await transport.close()
    }
  }
}
