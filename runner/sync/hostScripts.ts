/** Scripts that sync and restore run on a host, over its SSH connection: some at a time, with the rights of builds there. */
import { readFileSync } from 'node:fs'
import { sha256Command } from '../build/tools.ts'
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import { hostScript } from '../paths.ts'
import type { Facts } from '../probe/facts.ts'
import { hostPath } from '../probe/probe.ts'
import { commandLine, exports, quote } from '../shell.ts'
import type { Transport } from '../transports/transport.ts'
import { PRIVILEGE } from '../verify/lookCommand.ts'
import { Room } from './room.ts'

/** sshd gives a connection ten sessions, if nobody said otherwise. */
const SESSIONS = 8

/** Of a host by its name in hosts.yaml. Rejects when it is not reached. */
export type ScriptsOfHost = (host: string) => Promise<HostScripts>

export class HostScripts {
  readonly host: string
  readonly #host: Pick<Host, 'name' | 'path' | 'prefix'>
  readonly #facts: Pick<Facts, 'shell' | 'privilege' | 'tools'>
  readonly #transport: Transport
  readonly #sessions = new Room(SESSIONS)

  /** `transport` gives commands again, where the line breaks: whatever runs here may run twice. */
  constructor(
    host: Pick<Host, 'name' | 'path' | 'prefix'>,
    facts: Pick<Facts, 'shell' | 'privilege' | 'tools'>,
    transport: Transport,
  ) {
    this.host = host.name
    this.#host = host
    this.#facts = facts
    this.#transport = transport
  }

  /**
   * What a script of runner/host/ prints. `values` are its variables; `data` is its standard input, for a script that has one.
   * @throws HOST when it fails, with what it said.
   */
  async run(script: string, values: Record<string, string>, data?: Buffer): Promise<Buffer> {
    const { shell, privilege, tools } = this.#facts
    const text = [
      exports({
        PATH: hostPath(this.#host).join(':'),
        BUILD_STACK_SHELL: shell,
        BUILD_STACK_SHA256: sha256Command(tools),
      }),
      ...Object.entries(values).map(([name, value]) => `${name}=${quote(value)}`),
      readFileSync(hostScript(script), 'utf8'),
    ].join('\n')
    const words = ['exec', ...PRIVILEGE[privilege ?? 'none'], shell]
    const { command, stdin } =
      data === undefined
        ? { command: commandLine([...words, '-s']), stdin: text }
        : {
            command: commandLine([...words, '-c', reading(text)]),
            stdin: Buffer.concat([Buffer.from(text), data]),
          }
    const { code, stdout, stderr } = await this.#sessions.with(1, () =>
      this.#transport.exec(command, { stdin }),
    )
    if (code === 0) return stdout
    throw this.failure(stderr.split('\n').filter(Boolean).slice(-4))
  }

  /** What `parse` makes of a script's output. @throws HOST when it cannot. */
  understood<T>(output: Buffer, parse: (output: Buffer) => T): T {
    try {
      return parse(output)
    } catch (error) {
      throw this.failure([(error as Error).message])
    }
  }

  failure(log: string[]): BuildStackError {
    return new BuildStackError('HOST', 'the host did not do what it was asked for its files', {
      host: this.host,
      log,
      next: 'Look whether the user may read and write there, and run it again.',
    })
  }
}

/** A shell may read ahead of what it runs: dd takes the script, and not a byte more, so that the rest is the script's input. */
function reading(script: string): string {
  const bytes = Buffer.byteLength(script)
  return `LC_ALL=C; export LC_ALL; eval "$(dd bs=1 count=${bytes} 2>/dev/null)"`
}
