/** The reporter for programs: one JSON object a line for each event; docs/commands.md lists the keys. */
import { planJson } from '../../plan/planJson.ts'
import { previewJson } from '../../plan/previewJson.ts'
import type { RunEvent } from '../../run/events.ts'
import { errorJson } from '../printError.ts'
import { inTurn } from './inTurn.ts'
import type { Reporter, ReporterOptions } from './reporter.ts'
import { written } from './written.ts'

export function jsonReporter(out: NodeJS.WritableStream, options: Pick<ReporterOptions, 'now'>): Reporter {
  const now = options.now ?? Date.now
  return {
    event: (event) => void out.write(`${JSON.stringify(eventJson(event, now()))}\n`),
    aside: inTurn(),
    end: () => written(out),
  }
}

/** time (ISO 8601) and type, where it belongs, then what it says. A key of an event is always there, null for unknown. */
function eventJson(event: RunEvent, now: number): Record<string, unknown> {
  const { type, host } = event
  const where = 'recipe' in event ? { host, recipe: event.recipe, version: event.version } : { host }
  return { time: new Date(now).toISOString(), type, ...where, ...said(event) }
}

function said(event: RunEvent): Record<string, unknown> {
  const error = 'error' in event && event.error ? errorJson(event.error)[0] : null
  switch (event.type) {
    case 'host-connecting':
      return { address: event.address }
    case 'host-waiting':
      return { job: event.job, lock: event.lock }
    case 'host-planned':
      return { plan: planJson(event.plan), preview: event.preview ? previewJson(event.preview) : null }
    case 'recipe-start': {
      // The plan has the rest of the action.
      const { kind, installed, reasons, steps } = event.action
      return { kind, installed: installed ?? null, reasons, steps }
    }
    case 'fetch':
      return { what: event.what, done: event.done, total: event.total ?? null }
    case 'upload':
      return { done: event.done, total: event.total }
    case 'job':
      return { job: event.job, resumed: event.resumed, steps: event.steps, expected: event.expected ?? null }
    case 'recipe-locked':
      return { because: event.because }
    case 'step-kept':
    case 'step-start':
      return { step: event.step }
    case 'output':
      return { step: event.step, line: event.line }
    case 'step-end':
      return { step: event.step, code: event.code, seconds: event.seconds }
    case 'recipe-end':
      return { result: event.result, seconds: event.seconds, because: event.because ?? null, error }
    case 'host-left':
      return { because: event.because }
    case 'host-end':
      return { seconds: event.seconds, error }
  }
}
