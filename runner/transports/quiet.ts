/**
 * A transport on which commands' output begins where the command begins: what a login shell's start-up files print
 * before (greetings, `stty` and `echo` in .bashrc or .cshrc) is dropped. Costs no round trip.
 */
import { randomBytes } from 'node:crypto'
import type { ExecOptions, ExecResult, Transport } from './transport.ts'

/** More noise than that is passed on: it is then no greeting, and the command never began. */
const NOISE_LIMIT = 256 * 1024

/** Commands must be such that `echo WORD; COMMAND` is one too, in every shell. */
export function quiet(transport: Transport): Transport {
  const word = `build-stack-${randomBytes(8).toString('hex')}`
  return {
    async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
      // What is shown to a person need not be told from anything.
      if (options.pty) return transport.exec(command, options)
      const collected: Buffer[] = []
      const receive = options.onStdout ?? ((piece: Buffer) => void collected.push(piece))
      const noise = new Noise(`${word}\n`, receive)
      const onStdout = (piece: Buffer) => noise.read(piece)
      const result = await transport.exec(`echo ${word}; ${command}`, { ...options, onStdout })
      // Without the word the command did not begin, and what the shell said is all that there is to know.
      noise.release()
      return { ...result, stdout: Buffer.concat(collected) }
    },
    close: () => transport.close(),
  }
}

class Noise {
  readonly #mark: Buffer
  readonly #receive: (piece: Buffer) => void
  #held: Buffer | undefined = Buffer.alloc(0)

  constructor(mark: string, receive: (piece: Buffer) => void) {
    this.#mark = Buffer.from(mark)
    this.#receive = receive
  }

  read(piece: Buffer): void {
    if (this.#held === undefined) {
      this.#receive(piece)
      return
    }
    this.#held = Buffer.concat([this.#held, piece])
    const at = this.#held.indexOf(this.#mark)
    if (at >= 0) this.#end(this.#held.subarray(at + this.#mark.length))
    else if (this.#held.length > NOISE_LIMIT) this.release()
  }

  release(): void {
    if (this.#held !== undefined) this.#end(this.#held)
  }

  #end(rest: Buffer): void {
    this.#held = undefined
    if (rest.length > 0) this.#receive(rest)
  }
}
