/** The log of a service as it grows: what to ask service-log.sh next, and the lines in what it answers. Pure. */
import { BuildStackError } from '../errors.ts'
import { quote } from '../shell.ts'

export interface LogLine {
  /** multilog writes it, SMF's logs have theirs in the text. */
  at: Date | undefined
  text: string
}

/** TAI64N, as multilog's t writes it: seconds since 1970 in TAI plus 2^62, then nanoseconds. */
const TAI64N = /^@([0-9a-f]{16})([0-9a-f]{8}) /
/** What daemontools takes TAI to be ahead of UTC: it counts no leap seconds. */
const TAI_AHEAD = 10n

export class ServiceLogReader {
  readonly #file: string
  #lines: string
  #inode = ''
  #offset = 0
  #rest: Buffer = Buffer.alloc(0)

  /** lines: how many of the last ones come first. */
  constructor(file: string, lines: number) {
    this.#file = file
    this.#lines = String(lines)
  }

  /** For service-log.sh. */
  assignments(): string[] {
    const values = { file: this.#file, lines: this.#lines, inode: this.#inode, offset: String(this.#offset) }
    return Object.entries(values).map(([name, value]) => `${name}=${quote(value)}`)
  }

  /** The whole lines that have come; `again`: more is there already. @throws BuildStackError HOST for no log. */
  receive(answer: Buffer): { lines: LogLine[]; again: boolean } {
    const end = answer.indexOf(0x0a)
    const [word, inode = '', start = '0'] = answer.subarray(0, Math.max(end, 0)).toString().split(' ')
    if (word !== 'log' && word !== 'rotated') {
      throw new BuildStackError('HOST', `there is no log ${this.#file}`, {
        ...(word === 'none' ? {} : { log: answer.toString('utf8').split('\n').slice(0, 8) }),
        next: 'a service that has never been started has none',
      })
    }
    const bytes = answer.subarray(end + 1)
    // A file that was emptied begins anew.
    const joined = Number(start) === this.#offset ? Buffer.concat([this.#rest, bytes]) : bytes
    const whole = joined.lastIndexOf(0x0a) + 1
    const rotated = word === 'rotated'
    this.#rest = rotated ? Buffer.alloc(0) : joined.subarray(whole)
    this.#lines = 'all'
    this.#inode = rotated ? '' : inode
    this.#offset = rotated ? 0 : Number(start) + bytes.length
    const text = joined.subarray(0, whole).toString('utf8')
    return { lines: text === '' ? [] : text.slice(0, -1).split('\n').map(logLine), again: rotated }
  }
}

export function logLine(line: string): LogLine {
  const [stamp, seconds, nanoseconds] = TAI64N.exec(line) ?? []
  if (stamp === undefined || seconds === undefined || nanoseconds === undefined) {
    return { at: undefined, text: line }
  }
  const unix = BigInt(`0x${seconds}`) - (1n << 62n) - TAI_AHEAD
  const at = new Date(Number(unix) * 1000 + Math.floor(Number.parseInt(nanoseconds, 16) / 1e6))
  return Number.isNaN(at.getTime()) ? { at: undefined, text: line } : { at, text: line.slice(stamp.length) }
}
