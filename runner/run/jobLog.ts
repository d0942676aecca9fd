/** The controller's copy of a job's log, for a person: output as it came, a heading before each step. */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { dirname } from 'node:path'
import { cacheFolder } from '../paths.ts'

const TAIL = 30

export class JobLog {
  readonly file: string
  /** Last lines of the step that runs. */
  tail: string[] = []
  /** Bytes of the step that runs. */
  stepBytes = 0
  readonly #stream: WriteStream
  readonly #hide: (text: string) => string

  /** `hide` takes secrets out of what programs print. */
  constructor(host: string, job: string, hide: (text: string) => string = (text) => text) {
    this.#hide = hide
    this.file = cacheFolder('logs', host, `${job}.log`)
    mkdirSync(dirname(this.file), { recursive: true })
    // A resumed job is read from its beginning: the copy starts again with it.
    this.#stream = createWriteStream(this.file)
    // A full disk here must not end a build there; the host has the log.
    this.#stream.on('error', () => {})
  }

  heading(title: string, at: string): void {
    this.tail = []
    this.stepBytes = 0
    this.#stream.write(`=== ${title} (${at})\n`)
  }

  line(given: string): void {
    const text = this.#hide(given)
    this.#stream.write(`${text}\n`)
    this.stepBytes += text.length + 1
    this.tail.push(text)
    if (this.tail.length > TAIL) this.tail.shift()
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(() => resolve()))
  }
}
