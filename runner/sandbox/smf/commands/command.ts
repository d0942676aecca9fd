/** One call of svcs, svcadm, svccfg or svcprop: what it is given, and what it says and leaves with. */
import type { World } from '../../world.ts'
import type { Contracts } from '../contracts.ts'
import type { Startd } from '../graph/startd.ts'
import type { Repository } from '../repository.ts'

export interface Smf {
  world: World
  repository: Repository
  startd: Startd
  contracts: Contracts
}

export interface Call {
  /** Without the command's name. */
  args: string[]
  cwd: string
  stdin: Buffer
  /** The caller's numeric account, in the world. */
  uid: number
  /** Variables that svccfg looks at. */
  environment: Record<string, string>
  /** Aborted when the caller is gone. */
  signal: AbortSignal
}

/** Ends the command with a status, from anywhere inside it. */
export class Exit extends Error {
  readonly code: number

  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

export class Output {
  readonly name: string
  stdout = ''
  stderr = ''

  constructor(name: string) {
    this.name = name
  }

  line(text: string): void {
    this.stdout += `${text}\n`
  }

  warn(text: string): void {
    this.stderr += `${this.name}: ${text}\n`
  }

  die(text: string, code = 1): never {
    this.warn(text)
    throw new Exit(code)
  }

  usage(text: string): never {
    this.stderr += text
    throw new Exit(2)
  }
}

export type Command = (smf: Smf, call: Call, output: Output) => number | Promise<number>

/** The next change of the repository, or the end of the time, or of the caller. */
export function nextChange({ repository }: Smf, signal: AbortSignal, milliseconds = 1000): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      repository.off('change', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    repository.on('change', done)
    signal.addEventListener('abort', done)
  })
}
