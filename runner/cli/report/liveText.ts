/** The words of the live list: what a host and a recipe show at a moment. Pure. */
import { errorSummary } from '../printError.ts'
import type { Paint } from './color.ts'
import { bytes, duration } from './duration.ts'
import { outcome } from './outcome.ts'
import { bar, rate, stepShare, transferShare } from './progress.ts'
import { shownLine } from './shownLine.ts'
import { type HostView, isSettled, type RecipeView, type StepView, type Transfer } from './view.ts'

export interface Moment {
  now: number
  /** One character that turns. */
  spinner: string
  paint: Paint
}

/** Steps that took less leave the list when they are done: they are many, and no news. */
const WORTH_KEEPING_SECONDS = 1

export function hostText(host: HostView, moment: Moment): string {
  const { paint } = moment
  const name = paint('bold', host.name)
  const elapsed = () => paint('dim', duration((moment.now - host.startedAt) / 1000))
  switch (host.state) {
    case 'waiting':
      return `${paint('dim', '◼')} ${name}`
    case 'connecting':
      return `${spinning(moment)} ${name}  ${doing(host)}  ${elapsed()}`
    case 'running':
      return `${spinning(moment)} ${name}  ${host.waitsFor ? doing(host) : hostProgress(host)}  ${elapsed()}`
    case 'stopped':
      return `${name}  ${host.because ? `not begun: ${host.because}` : 'stopped'}`
    case 'ended': {
      const time = paint('dim', duration(host.seconds))
      if (!host.error) return `${name}  ${hostOutcome(host)}  ${time}`
      const reason = errorSummary(host.error)
      // "server1 (10.0.0.2:22): connection refused" names the host itself.
      const start = reason.startsWith(host.name) ? host.name : ''
      return `${name}${start ? '' : '  '}${paint('red', reason.slice(start.length))}  ${time}`
    }
  }
}

function doing({ address, waitsFor }: HostView): string {
  return waitsFor ? `waiting for ${shownLine(waitsFor)} to end` : `connecting to ${address}`
}

/** The first line is the recipe's, those after it belong below it. */
export function recipeLines(recipe: RecipeView, moment: Moment): string[] {
  const { paint } = moment
  const title = `${recipe.name} ${recipe.version}`
  const seconds = paint('dim', duration(recipe.seconds))
  switch (recipe.state) {
    case 'waiting':
      return [paint('dim', `◼ ${title}  ${recipe.action.kind}`)]
    case 'running': {
      const elapsed = paint('dim', duration((moment.now - recipe.startedAt) / 1000))
      return [
        `${spinning(moment)} ${title}  ${recipe.action.kind}  ${elapsed}`,
        ...runningLines(recipe, moment),
      ]
    }
    case 'kept':
      return [`${title}  ${paint('dim', 'up to date')}`]
    case 'done':
      return [`${title}  ${outcome(recipe.action.kind, recipe.action.installed)}  ${seconds}`]
    case 'failed': {
      const reason = recipe.error ? errorSummary(recipe.error) : 'failed'
      return [`${title}  ${paint('red', reason)}  ${seconds}`]
    }
    case 'skipped':
      return [`${title}  ${recipe.because ?? 'skipped'}`]
  }
}

function runningLines(recipe: RecipeView, moment: Moment): string[] {
  const done = recipe.steps.filter((step) => (step.seconds ?? 0) >= WORTH_KEEPING_SECONDS)
  const current = recipe.steps.at(-1)
  return [
    ...done.map((step) => doneLine(step, moment.paint)),
    ...(recipe.transfer ? [transferLine(recipe.transfer, moment)] : []),
    ...(current && current.seconds === undefined ? stepLines(recipe, current, moment) : []),
  ]
}

function doneLine(step: StepView, paint: Paint): string {
  const mark = step.code === 0 ? paint('green', '✔') : paint('red', '✖')
  return `${mark} ${step.title}  ${paint('dim', duration(step.seconds ?? 0))}`
}

function stepLines(recipe: RecipeView, step: StepView, moment: Moment): string[] {
  const { paint } = moment
  const seconds = (moment.now - step.startedAt) / 1000
  const share = stepShare(
    { seconds, logBytes: step.logBytes },
    { seconds: recipe.expected?.seconds[step.title], logBytes: recipe.expected?.logBytes[step.title] },
  )
  const parts = [
    `${step.title} (${recipe.steps.length} of ${Math.max(recipe.stepCount, recipe.steps.length)})`,
    paint('dim', duration(seconds)),
    share === undefined ? '' : bar(share),
  ]
  const line = shownLine(step.line).trim()
  return [joined(`${spinning(moment)} `, parts), ...(line === '' ? [] : [`  ${paint('dim', line)}`])]
}

function transferLine(transfer: Transfer, moment: Moment): string {
  const { done, total, before, startedAt } = transfer
  const seconds = (moment.now - startedAt) / 1000
  const share = transferShare(done, total)
  const parts = [
    transfer.what,
    total ? `${bytes(done)} of ${bytes(total)}` : bytes(done),
    share === undefined ? '' : bar(share),
    moment.paint('dim', rate(done - before, seconds)),
  ]
  return joined(`${spinning(moment)} `, parts)
}

function hostProgress(host: HostView): string {
  const done = host.recipes.filter(isSettled).length
  return `${done} of ${host.recipes.length} done`
}

/** "1 installed, 2 up to date, 1 failed" */
function hostOutcome(host: HostView): string {
  const counts = new Map<string, number>()
  for (const recipe of host.recipes) {
    const what = recipe.state === 'done' ? outcome(recipe.action.kind, '').split(' ')[0] : recipe.state
    const word = what === 'kept' ? 'up to date' : (what ?? '')
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ') || 'nothing to do'
}

function spinning({ paint, spinner }: Moment): string {
  return paint('yellow', spinner)
}

function joined(start: string, parts: string[]): string {
  return start + parts.filter(Boolean).join('  ')
}
