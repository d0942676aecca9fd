/**
 * The reporter for pipes and logs: a line for each event that is worth one, in the order in which they come, and of several
 * hosts what became of each at the end.
 */
import { planSummary } from '../../plan/summary.ts'
import type { RunEvent } from '../../run/events.ts'
import { errorText } from '../printError.ts'
import { painter } from './color.ts'
import { bytes, duration } from './duration.ts'
import { inTurn } from './inTurn.ts'
import { hostText } from './liveText.ts'
import { outcome } from './outcome.ts'
import type { Reporter, ReporterOptions } from './reporter.ts'
import { shownLine } from './shownLine.ts'
import { apply, newView, stop } from './view.ts'
import { written } from './written.ts'

export function plainReporter(out: NodeJS.WritableStream, options: ReporterOptions): Reporter {
  const now = options.now ?? Date.now
  const transfers = new Map<string, number>()
  const view = newView(options.hosts)
  // A dry run tells only what went wrong.
  let isCarriedOut = false

  /** A transfer has a line at its start and one at its end; a source that was there already has none. */
  function transferred(
    key: string,
    what: [string, string],
    done: number,
    total: number | undefined,
  ): string[] {
    const startedAt = transfers.get(key)
    const isDone = total !== undefined && done >= total
    if (startedAt === undefined) {
      if (isDone) return []
      transfers.set(key, now())
      return [`${what[0]}${total === undefined ? '' : ` (${bytes(total)})`} ...`]
    }
    if (!isDone) return []
    transfers.delete(key)
    return [`${what[1]}, ${bytes(total)} in ${duration((now() - startedAt) / 1000)}`]
  }

  function recipeLines(event: Extract<RunEvent, { recipe: string }>): string[] {
    const key = `${event.host} ${event.recipe} ${event.type}`
    switch (event.type) {
      case 'recipe-start':
        return [`${event.action.kind} (${event.action.reasons.map(shownLine).join('; ')})`]
      case 'fetch': {
        const words: [string, string] = [`fetching ${event.what}`, `fetched ${event.what}`]
        return transferred(`${key} ${event.what}`, words, event.done, event.total)
      }
      case 'upload':
        return transferred(key, ['uploading', 'uploaded'], event.done, event.total)
      case 'job':
        return event.resumed ? [`job ${event.job} runs already, following it`] : []
      case 'recipe-locked':
        return [event.because]
      case 'step-kept':
        return [`${event.step.title} was done by an earlier job`]
      case 'step-start':
        return [`${event.step.title} ...`]
      case 'output':
        return options.verbose ? [`${event.step.title} | ${shownLine(event.line)}`] : []
      case 'step-end': {
        const time = duration(event.seconds)
        const { step, code } = event
        return [
          code === 0
            ? `${step.title} done in ${time}`
            : `${step.title} failed (exit code ${code}) after ${time}`,
        ]
      }
      case 'recipe-end':
        return endLines(event)
    }
  }

  const kinds = new Map<string, string>()

  function endLines(event: Extract<RunEvent, { type: 'recipe-end' }>): string[] {
    const what = kinds.get(`${event.host} ${event.recipe}`) ?? 'done'
    switch (event.result) {
      case 'kept':
        return ['up to date']
      case 'done':
        return [`${what} in ${duration(event.seconds)}`]
      case 'failed':
        return event.error ? [] : [`failed after ${duration(event.seconds)}`]
      case 'skipped':
        return [`skipped${event.because ? `: ${event.because}` : ''}`]
    }
  }

  function hostLines(event: Exclude<RunEvent, { recipe: string }>): string[] {
    switch (event.type) {
      case 'host-connecting':
        return [`connecting to ${event.address}`]
      case 'host-waiting':
        return [`waiting for ${event.job} to end (${shownLine(event.lock)})`]
      case 'host-planned':
        return [planSummary(event.plan)]
      case 'host-left':
        return [`not begun: ${event.because}`]
      case 'host-end':
        return event.error ? [] : [`finished in ${duration(event.seconds)}`]
    }
  }

  function summary(): string {
    stop(view)
    const moment = { now: 0, spinner: '', paint: painter(options.color) }
    return `\n${[...view.hosts.values()].map((host) => `${hostText(host, moment)}\n`).join('')}`
  }

  return {
    event(event) {
      // Only how it ends is shown of it: that has no clock.
      apply(view, event, 0)
      if (event.type === 'host-planned') isCarriedOut = true
      if (event.type === 'recipe-start') {
        kinds.set(`${event.host} ${event.recipe}`, outcome(event.action.kind, event.action.installed))
      }
      const start = 'recipe' in event ? `${event.host} ${event.recipe} ${event.version}` : event.host
      const lines = 'recipe' in event ? recipeLines(event) : hostLines(event)
      for (const line of lines) out.write(`${start}: ${line}\n`)
      if ('error' in event && event.error) out.write(`${errorText(event.error, options)}\n`)
    },
    aside: inTurn(),
    end() {
      if (isCarriedOut && options.hosts.length > 1) out.write(summary())
      return written(out)
    },
  }
}
