/** How far something is: a share between 0 and 1, a bar, a rate. Pure. */
import { bytes } from './duration.ts'

/** Below this a log says less than the clock. */
const LOG_WORTH_COUNTING = 4096
/** Until the end is reported, nothing is finished. */
const ALMOST = 0.99
const BAR_CELLS = 8

export interface StepSoFar {
  seconds: number
  logBytes: number
}

/** What the same step took the last time. */
export interface StepBefore {
  seconds: number | undefined
  logBytes: number | undefined
}

/**
 * Share of a step that is done, or undefined when nothing is known of it. Its log tells more than the clock: the
 * machine may be faster or slower today.
 */
export function stepShare(now: StepSoFar, before: StepBefore): number | undefined {
  const { seconds = 0, logBytes = 0 } = before
  if (logBytes >= LOG_WORTH_COUNTING) return Math.min(now.logBytes / logBytes, ALMOST)
  if (seconds >= 1) return Math.min(now.seconds / seconds, ALMOST)
  return undefined
}

export function transferShare(done: number, total: number | undefined): number | undefined {
  if (!total) return undefined
  return done >= total ? 1 : Math.min(done / total, ALMOST)
}

/** "███░░░░░ 41%" */
export function bar(share: number): string {
  const full = Math.floor(share * BAR_CELLS)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} ${Math.floor(share * 100)}%`
}

/** "2.3 MB/s"; nothing before there is something to measure. */
export function rate(count: number, seconds: number): string {
  return seconds >= 0.5 && count > 0 ? `${bytes(count / seconds)}/s` : ''
}
