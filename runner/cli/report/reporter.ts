/** What shows the events of a run, and which one a command gets. Each is loaded only when it is the one. */
import type { RunEvent } from '../../run/events.ts'

export type ReporterKind = 'live' | 'plain' | 'json'

/**
 * Shows every failure that came as an event, in full; what was thrown outside a run is printError.ts's. None of the
 * methods throws.
 */
export interface Reporter {
  event(event: RunEvent): void
  /** Lets a question (a host key, a passphrase) have the terminal: a live list stands aside until it is answered. */
  aside<T>(question: () => Promise<T>): Promise<T>
  /** Finishes what is shown, also when the run broke off; resolves when all is written. */
  end(): Promise<void>
}

export interface ReporterOptions {
  /** The hosts of the run, in order. */
  hosts: string[]
  color: boolean
  /** Show the output of steps (plain). */
  verbose: boolean
  /** Milliseconds since 1970. */
  now?: () => number
}

export async function createReporter(
  kind: ReporterKind,
  out: NodeJS.WritableStream,
  options: ReporterOptions,
): Promise<Reporter> {
  switch (kind) {
    case 'live':
      return (await import('./live.ts')).liveReporter(out, options)
    case 'plain':
      return (await import('./plain.ts')).plainReporter(out, options)
    case 'json':
      return (await import('./json.ts')).jsonReporter(out, options)
  }
}

export function chooseReporter(wish: {
  json: boolean
  verbose: boolean
  isTTY: boolean
  env: Record<string, string | undefined>
}): ReporterKind {
  if (wish.json) return 'json'
  // A live list has one line for a step's output; a log of a CI service keeps every redraw.
  const live = wish.isTTY && !wish.verbose && wish.env.TERM !== 'dumb' && !wish.env.CI
  return live ? 'live' : 'plain'
}
