/**
 * Real pipes for the standard streams of a login. Node gives a child sockets, with which `cat /dev/stdin` and
 * `echo >/dev/stderr` fail, unlike under sshd, and cannot make a pipe itself. So a shell makes them (pipes.sh), some in
 * advance, and their ends are opened here.
 */
import { spawn } from 'node:child_process'
import { closeSync, constants, fchmodSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { packageRoot } from '../paths.ts'

/** Descriptors. Ours never wait; the program's are to be closed here once it has been started. */
export interface StandardPipes {
  ours: [stdin: number, stdout: number, stderr: number]
  program: [stdin: number, stdout: number, stderr: number]
}

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants
const IN_STOCK = 4

export class PipeStock {
  readonly #stock: StandardPipes[] = []
  readonly #waiting: ((pipes: StandardPipes) => void)[] = []
  #coming = 0

  constructor() {
    this.#refill()
  }

  take(): Promise<StandardPipes> {
    const pipes = this.#stock.shift()
    if (pipes !== undefined) {
      this.#refill()
      return Promise.resolve(pipes)
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#refill()
    })
  }

  #refill(): void {
    while (this.#stock.length + this.#coming < IN_STOCK + this.#waiting.length) {
      this.#coming += 2
      this.#makeTwo()
    }
  }

  #makeTwo(): void {
    const script = join(packageRoot, 'runner', 'sandbox', 'pipes.sh')
    const holder = spawn('/bin/sh', [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    const fail = () => {
      throw new BuildStackError('PREREQUISITE', `${script} made no pipes`)
    }
    holder.once('close', fail)
    holder.stdout.once('data', (pid: Buffer) => {
      holder.off('close', fail)
      this.#coming -= 2
      for (const first of [3, 6]) this.#deliver(openPipes(`/proc/${pid.toString().trim()}/fd`, first))
      holder.stdin.end()
    })
  }

  #deliver(pipes: StandardPipes): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#stock.push(pipes)
    else next(pipes)
  }
}

function openPipes(folder: string, first: number): StandardPipes {
  const [stdin, stdout, stderr] = [
    `${folder}/${first}`,
    `${folder}/${first + 1}`,
    `${folder}/${first + 2}`,
  ] as const
  const pipes: StandardPipes = {
    ours: [
      openSync(stdin, O_WRONLY | O_NONBLOCK),
      openSync(stdout, O_RDONLY | O_NONBLOCK),
      openSync(stderr, O_RDONLY | O_NONBLOCK),
    ],
    program: [openSync(stdin, O_RDONLY), openSync(stdout, O_WRONLY), openSync(stderr, O_WRONLY)],
  }
  // Other accounts than root may open their /dev/stdout too.
  for (const descriptor of pipes.ours) fchmodSync(descriptor, 0o666)
  return pipes
}

export function closeAll(descriptors: number[]): void {
  for (const descriptor of descriptors) closeSync(descriptor)
}
