/** What sync and restore print: a line for each file, a line that stands while they work, a line at the end. */
import type { RestoreEvent, RestoreResult } from '../../sync/restore.ts'
import type { SyncEvent, SyncResult } from '../../sync/syncRun.ts'
import { type Paint, painter, wantsColor } from './color.ts'
import { bytes, duration } from './duration.ts'
import { shownLine } from './shownLine.ts'

type Event = SyncEvent | RestoreEvent

const SIGNS = { put: '+', update: '~', remove: '-', refuse: '!', restore: '+', replace: '~' }

export interface SyncPrinter {
  on(event: Event): void
  end(text: string, json: Record<string, unknown>, good: boolean): void
}

export function syncPrinter(options: { json: boolean; quiet: boolean }): SyncPrinter {
  return options.json ? jsonPrinter() : textPrinter(options.quiet)
}

function jsonPrinter(): SyncPrinter {
  const write = (value: object) => void process.stdout.write(`${JSON.stringify(value)}\n`)
  return {
    on: (event) => {
      if (event.type !== 'bytes') write(event)
    },
    end: (_text, json) => write({ type: 'end', ...json }),
  }
}

function textPrinter(quiet: boolean): SyncPrinter {
  const out = painter(wantsColor(process.stdout.isTTY, process.env))
  const err = painter(wantsColor(process.stderr.isTTY, process.env))
  const line = new StandingLine(!quiet && process.stderr.isTTY)
  return {
    on(event) {
      line.count(event)
      const isAside = event.type === 'problem' || event.type === 'note'
      const text = eventText(event, isAside ? err : out)
      if (text === undefined || (quiet && event.type !== 'problem')) return
      line.clear()
      const stream = isAside ? process.stderr : process.stdout
      stream.write(`${text}\n`)
    },
    end(text, _json, good) {
      line.clear()
      if (!quiet) process.stdout.write(`${good ? out('green', '✔') : out('red', '✖')} ${text}\n`)
    },
  }
}

/** Nothing for what only counts. */
export function eventText(event: Event, paint: Paint = painter(false)): string | undefined {
  switch (event.type) {
    case 'note':
      return paint('dim', shownLine(event.text))
    case 'problem':
      return `${paint('red', '!')} ${shownLine(`${event.what}: ${event.reason}`)}`
    case 'done': {
      const what = 'key' in event ? `${event.key}  ${paint('dim', event.why)}` : event.path
      const size = event.size > 0 ? `  ${bytes(event.size)}` : ''
      return `${SIGNS[event.kind]} ${shownLine(what)}${size}`
    }
    default:
      return undefined
  }
}

export function syncSummary(name: string, result: SyncResult, seconds: number, dryRun: boolean): string {
  return summary(name, seconds, [
    ...(result.put ? [`${count(result.put)} ${dryRun ? 'to put' : 'put'} (${bytes(result.bytes)})`] : []),
    ...(result.updated ? [`${count(result.updated)} ${dryRun ? 'to update' : 'updated'}`] : []),
    ...(result.removed ? [`${count(result.removed)} ${dryRun ? 'to remove' : 'removed'}`] : []),
    `${count(result.same)} the same`,
    ...(result.left ? [`${count(result.left)} of other clients left`] : []),
    ...withProblems(result),
  ])
}

export function restoreSummary(
  name: string,
  result: RestoreResult,
  seconds: number,
  dryRun: boolean,
): string {
  return summary(name, seconds, [
    `${count(result.restored)} ${dryRun ? 'to restore' : 'restored'} (${bytes(result.bytes)})`,
    `${count(result.same)} there already`,
    ...withProblems(result),
  ])
}

function summary(name: string, seconds: number, parts: readonly string[]): string {
  return `${name}  ${parts.join(', ')}  ${duration(seconds)}`
}

function withProblems({ problems }: { problems: number }): string[] {
  return problems ? [`${count(problems)} with a problem`] : []
}

function count(number: number): string {
  return number.toLocaleString('en')
}

const REDRAW_MS = 100

/** How far it is, on a terminal. */
class StandingLine {
  readonly #shown: boolean
  #actions: number | undefined
  #total = 0
  #done = 0
  #bytes = 0
  #drawn = 0

  constructor(shown: boolean) {
    this.#shown = shown
  }

  count(event: Event): void {
    if (event.type === 'planned') [this.#actions, this.#total] = [event.actions, event.bytes]
    if (event.type === 'done') this.#done += 1
    if (event.type === 'bytes') this.#bytes += event.count
    if (!this.#shown || Date.now() - this.#drawn < REDRAW_MS) return
    this.#drawn = Date.now()
    const all = this.#actions === undefined ? '' : ` of ${this.#actions}`
    const size = this.#total === 0 ? bytes(this.#bytes) : `${bytes(this.#bytes)} of ${bytes(this.#total)}`
    process.stderr.write(`\r\u001b[K${this.#done}${all} files  ${size}`)
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K')
  }
}
