/** Reads a job's log to its end and tells what happens in it. */
import type { Expected, RunEvent, StepTitle } from './events.ts'
import type { JobLog } from './jobLog.ts'
import { type LogPiece, LogReader } from './logReader.ts'

/** A step's event without the host and recipe, which the caller adds. */
export type StepEvent =
  Extract<RunEvent, { type: 'step-kept' | 'step-start' | 'output' | 'step-end' }> extends infer E
    ? E extends RunEvent
      ? Omit<E, 'host' | 'recipe' | 'version'>
      : never
    : never

export interface JobEnd {
  code: number
  /** The step that failed. */
  failed: StepTitle | undefined
  /** user@machine; absent when nobody did. */
  cancelledBy?: string
}

/** Exit code of a cancelled job. */
const CANCELLED = 130

export class JobFollower {
  /** Undefined until the log's last mark was read. */
  end: JobEnd | undefined
  readonly durations: Expected = { seconds: {}, logBytes: {} }
  readonly #reader: LogReader
  readonly #steps: Map<string, StepTitle>
  readonly #log: JobLog
  readonly #emit: (event: StepEvent) => void
  readonly #now: () => number
  #step: StepTitle = { name: '', title: '' }
  #started = { host: '', here: 0 }

  constructor(
    token: string,
    steps: StepTitle[],
    log: JobLog,
    emit: (event: StepEvent) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#reader = new LogReader(token)
    this.#steps = new Map(steps.map((step) => [step.name, step]))
    this.#log = log
    this.#emit = emit
    this.#now = now
  }

  /** Where follow.sh goes on after a lost connection. */
  get bytes(): number {
    return this.#reader.bytes
  }

  read(bytes: Buffer): void {
    for (const piece of this.#reader.read(bytes)) this.#take(piece)
  }

  #take(piece: LogPiece): void {
    switch (piece.kind) {
      case 'line':
        this.#log.line(piece.text)
        this.#emit({ type: 'output', step: this.#step, line: piece.text })
        break
      case 'kept':
        this.#emit({ type: 'step-kept', step: this.#titled(piece.step) })
        this.#goesOn = true
        break
      case 'step':
        this.#step = this.#titled(piece.step)
        this.#started = { host: piece.at, here: this.#now() }
        this.#log.heading(this.#step.title, piece.at)
        this.#emit({ type: 'step-start', step: this.#step })
        break
      case 'done': {
        const seconds = this.#seconds(piece.at)
        // One that went on in the middle does not tell what the whole takes.
        if (!this.#goesOn) this.#measure(seconds)
        this.#goesOn = false
        if (piece.code !== 0) this.end = { code: piece.code, failed: this.#step }
        this.#emit({ type: 'step-end', step: this.#step, code: piece.code, seconds })
        break
      }
      case 'cancelled':
        this.end = { code: CANCELLED, failed: this.#step, cancelledBy: piece.by }
        break
      case 'end':
        this.end ??= { code: piece.code, failed: undefined }
        this.#ended = true
        break
    }
  }

  /** After steps that were kept. */
  #goesOn = false

  #titled(name: string): StepTitle {
    return this.#steps.get(name) ?? { name, title: name }
  }

  /** A title can come more than once (several tests): their sum is what the next run can expect. */
  #measure(seconds: number): void {
    const { title } = this.#step
    this.durations.seconds[title] = (this.durations.seconds[title] ?? 0) + seconds
    this.durations.logBytes[title] = (this.durations.logBytes[title] ?? 0) + this.#log.stepBytes
  }

  #ended = false

  /** True once nothing more will come. */
  get ended(): boolean {
    return this.#ended
  }

  /** Our clock where the step was watched, the host's whole seconds where its log was only read afterwards. */
  #seconds(at: string): number {
    const here = (this.#now() - this.#started.here) / 1000
    const there = (Date.parse(at) - Date.parse(this.#started.host)) / 1000
    return Math.abs(there - here) <= 1.5 ? here : there
  }
}
