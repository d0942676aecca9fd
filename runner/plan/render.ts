/** A plan as a person reads it before anything changes: what, why, and which words of the recipe differ. Pure. */
import { type Paint, painter, type Style } from '../cli/report/color.ts'
import { changeLines } from './changeLines.ts'
import type { Action, ActionKind, Plan } from './plan.ts'
import { planSummary } from './summary.ts'

export interface RenderOptions {
  color: boolean
  /** With the steps that would run, and longer diffs. */
  verbose: boolean
}

const SYMBOLS: Record<ActionKind, [string, Style]> = {
  keep: ['=', 'dim'],
  install: ['+', 'green'],
  upgrade: ['~', 'yellow'],
  downgrade: ['~', 'yellow'],
  rebuild: ['~', 'yellow'],
  relink: ['~', 'yellow'],
  update: ['~', 'yellow'],
  rollback: ['~', 'yellow'],
  remove: ['-', 'red'],
}

/** Lines without a line break at the end. */
export function renderPlan(plan: Plan, options: RenderOptions): string {
  return renderPlans([plan], options)
}

/** The plans of several hosts, and what to do then. */
export function renderPlans(plans: Plan[], options: RenderOptions): string {
  const paint = painter(options.color)
  const pending = plans.some((plan) => plan.actions.some((action) => action.kind !== 'keep'))
  return [
    ...plans.map((plan) => planLines(plan, paint, options.verbose).join('\n')),
    pending ? 'run without --dry-run to apply' : 'nothing to do',
  ].join('\n\n')
}

function planLines(plan: Plan, paint: Paint, verbose: boolean): string[] {
  return [
    `${paint('bold', plan.host)}: ${planSummary(plan)}`,
    ...plan.actions.flatMap((action) => [
      `  ${headline(action, paint)}`,
      ...details(action, paint, verbose).map((line) => `      ${line}`),
    ]),
  ]
}

function headline(action: Action, paint: Paint): string {
  const [symbol, style] = SYMBOLS[action.kind]
  const { recipe, installed, version } = action
  const versions = showsVersions(action) ? `${installed} -> ${version}` : version
  return `${paint(style, symbol)} ${recipe} ${versions}  ${paint(style, kindWords(action))}`
}

function showsVersions(action: Action): boolean {
  return action.installed !== undefined && action.installed !== action.version
}

function kindWords(action: Action): string {
  if (action.kind === 'keep') return 'up to date'
  if (action.kind !== 'update') return action.kind
  const files = action.changes.some((change) => change.part === 'files')
  // A service that somebody deleted on the host is an update without a change.
  const services = !files || action.changes.some((change) => change.part === 'services')
  return `update (${[files && 'files', services && 'services'].filter(Boolean).join(' and ')} only)`
}

function details(action: Action, paint: Paint, verbose: boolean): string[] {
  if (action.kind === 'keep') return []
  const changes = action.changes.map((change) => ({
    label: change.label,
    lines: changeLines(change, action.reasons, paint, verbose ? 200 : 20),
  }))
  const shown = new Set(changes.filter(({ lines }) => lines.length > 0).map(({ label }) => label))
  return [
    ...action.reasons.filter((reason) => !isShown(reason, shown, action)),
    ...changes.flatMap(({ lines }) => lines),
    ...(verbose && action.steps.length > 0 ? [paint('dim', `steps: ${action.steps.join(', ')}`)] : []),
  ]
}

/** Whether the headline or the lines of a change say as much and more. */
function isShown(reason: string, labels: Set<string>, action: Action): boolean {
  if (showsVersions(action) && reason === `version ${action.installed} -> ${action.version}`) return true
  const label = reason.replace(/ (added|removed|changed)$/, '')
  return label !== reason && labels.has(label)
}
