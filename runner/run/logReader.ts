/**
 * Reads the log of a job as follow.sh prints it: output lines, and between them the marks of job.sh. A mark is a record
 * separator, the job's token, the host's time and words; only the token tells it from output that looks like one.
 * Pure: bytes in, pieces out. `bytes` counts what was read, and is where another follow.sh goes on.
 */

export type LogPiece =
  | { kind: 'step'; step: string; at: string }
  | { kind: 'done'; step: string; code: number; at: string }
  /** An earlier job has done it. */
  | { kind: 'kept'; step: string; at: string }
  | { kind: 'cancelled'; by: string }
  | { kind: 'end'; code: number; at: string }
  | { kind: 'line'; text: string }

const LINE_LIMIT = 64 * 1024
/** Longer than any mark: a token, a time, a step's name. */
const MARK_LIMIT = 1024

export class LogReader {
  /** Bytes of the log read so far. */
  bytes = 0
  readonly #mark: Buffer
  #rest: Buffer = Buffer.alloc(0)

  constructor(token: string) {
    this.#mark = Buffer.from(`\x1e${token} `)
  }

  /** All pieces that are complete with these bytes. */
  read(bytes: Buffer): LogPiece[] {
    this.bytes += bytes.length
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    const pieces: LogPiece[] = []
    let start = 0
    for (;;) {
      const end = this.#rest.indexOf(0x0a, start)
      if (end < 0) break
      pieces.push(...this.#line(this.#rest.subarray(start, end)))
      start = end + 1
    }
    this.#rest = this.#rest.subarray(start)
    // A line without end is shown in pieces rather than kept: a build may print gigabytes of it.
    if (this.#rest.length > LINE_LIMIT) {
      const end = this.#pieceEnd()
      pieces.push({ kind: 'line', text: this.#rest.subarray(0, end).toString('utf8') })
      this.#rest = this.#rest.subarray(end)
    }
    return pieces
  }

  /** Before a mark that has not come whole, else before the last character. */
  #pieceEnd(): number {
    const mark = this.#rest.lastIndexOf(this.#mark.subarray(0, 1))
    if (mark > 0 && this.#rest.length - mark < MARK_LIMIT) return mark
    let end = this.#rest.length - 1
    while (end > 1 && ((this.#rest[end] ?? 0) & 0xc0) === 0x80) end--
    return end
  }

  #line(line: Buffer): LogPiece[] {
    const at = line.indexOf(this.#mark)
    if (at < 0) return [{ kind: 'line', text: line.toString('utf8') }]
    const mark = readMark(line.subarray(at + this.#mark.length).toString('utf8'))
    // Output that did not end its last line stands before the mark.
    const before: LogPiece[] = at > 0 ? [{ kind: 'line', text: line.subarray(0, at).toString('utf8') }] : []
    return mark ? [...before, mark] : before
  }
}

function readMark(text: string): LogPiece | undefined {
  const [at = '', verb, ...words] = text.split(' ')
  if (verb === 'step') return { kind: 'step', step: words[0] ?? '', at }
  if (verb === 'done') return { kind: 'done', step: words[0] ?? '', code: Number(words[1]), at }
  if (verb === 'kept') return { kind: 'kept', step: words[0] ?? '', at }
  if (verb === 'cancelled') return { kind: 'cancelled', by: words.join(' ') }
  if (verb === 'end') return { kind: 'end', code: Number(words[0]), at }
  return undefined
}
