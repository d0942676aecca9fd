/** A plan as a person reads it before anything changes: what, why, and which words of the recipe differ. Pure. */
import { type Paint, painter, type Style } from '../cli/report/color.ts'
import { shownLine } from '../cli/report/shownLine.ts'
import { changeLines } from './changeLines.ts'
import { type Group, groupsOf, type HostPlan } from './groups.ts'
import { isPending } from './makePlan.ts'
import type { Action, ActionKind, Plan } from './plan.ts'
import { diskLines, hostLines, type LineOptions, outlookLines, textLines } from './previewLines.ts'
import { planSummary } from './summary.ts'

export interface RenderOptions {
  color: boolean
  /** With the steps that would run, lists of files, and longer diffs. */
  verbose: boolean
  /** What the reader can do then; "run without --dry-run to apply" without it. */
  next?: string
}

/** Lines of one text's diff. */
const SHORT_DIFF = 20
const LONG_DIFF = 200
const SHOWN_NAMES = 12

const SYMBOLS: Record<ActionKind, [string, Style]> = {
  keep: ['=', 'dim'],
  install: ['+', 'green'],
  upgrade: ['~', 'yellow'],
  downgrade: ['~', 'yellow'],
  rebuild: ['~', 'yellow'],
  relink: ['~', 'yellow'],
  repair: ['~', 'yellow'],
  update: ['~', 'yellow'],
  rollback: ['~', 'yellow'],
  remove: ['-', 'red'],
  adopt: ['+', 'green'],
  start: ['+', 'green'],
  stop: ['-', 'red'],
  restart: ['~', 'yellow'],
  refresh: ['~', 'yellow'],
}

/** Lines without a line break at the end. */
export function renderPlan(plan: Plan, options: RenderOptions): string {
  return renderPlans([{ plan }], options)
}

/** The plans of several hosts, those with the same change once, and what to do then. */
export function renderPlans(hosts: readonly HostPlan[], options: RenderOptions): string {
  const paint = painter(options.color)
  const lines = { paint, verbose: options.verbose, limit: options.verbose ? LONG_DIFF : SHORT_DIFF }
  const pending = hosts.some(({ plan }) => isPending(plan))
  return [
    ...groupsOf(hosts).map((group) => groupLines(group, lines).join('\n')),
    pending ? (options.next ?? 'run without --dry-run to apply') : 'nothing to do',
  ].join('\n\n')
}

function groupLines(group: Group, options: LineOptions): string[] {
  const [{ plan }] = group
  return [
    `${options.paint('bold', namesOf(group, options.verbose))}: ${planSummary(plan)}`,
    ...group.flatMap((host) => hostLines(host, group, options.paint).map((line) => `  ${line}`)),
    ...plan.actions.flatMap((action) => [
      `  ${headline(action, options.paint)}`,
      ...details(action, group, options).map((line) => `      ${line}`),
    ]),
    ...diskLines(group).map((line) => `  ${line}`),
  ]
}

/** "server1, server2, server5 (3 hosts)"; of a fleet not every name, unless verbose. */
function namesOf(group: Group, verbose: boolean): string {
  const names = group.map(({ plan }) => plan.host)
  if (names.length === 1) return names.join()
  const more = names.length - SHOWN_NAMES
  const shown =
    verbose || more < 2 ? names.join(', ') : `${names.slice(0, SHOWN_NAMES).join(', ')} and ${more} more`
  return `${shown} (${names.length} hosts)`
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
  const files =
    action.changes.some((change) => change.part === 'files') ||
    (action.damage ?? []).some(({ what }) => what === 'configuration')
  // A service that somebody deleted on the host is an update without a change.
  const services = !files || action.changes.some((change) => change.part === 'services')
  return `update (${[files && 'files', services && 'services'].filter(Boolean).join(' and ')} only)`
}

function details(action: Action, group: Group, options: LineOptions): string[] {
  if (action.kind === 'keep') return []
  const { paint, verbose, limit } = options
  const texts = group[0].preview?.actions[action.recipe]?.texts ?? []
  const changes = action.changes.map((change) => {
    const own = texts.filter(({ label }) => label === change.label)
    const lines = own.flatMap((text) => textLines(text, options))
    return {
      label: change.label,
      lines: own.length > 0 ? lines : changeLines(change, action.reasons, paint, limit),
    }
  })
  const shown = new Set(changes.filter(({ lines }) => lines.length > 0).map(({ label }) => label))
  return [
    ...outlookLines(action, group, options),
    ...action.reasons.filter((reason) => !isShown(reason, shown, action)).map(shownLine),
    ...changes.flatMap(({ lines }) => lines),
    ...(verbose && action.steps.length > 0 ? [paint('dim', `steps: ${action.steps.join(', ')}`)] : []),
  ]
}

/** Whether the headline or the lines of a change say as much and more. */
function isShown(reason: string, labels: Set<string>, action: Action): boolean {
  if (showsVersions(action) && reason === `version ${action.installed} -> ${action.version}`) return true
  const label = reason
    .replace(/^(configuration file|service) /, '')
    .replace(/ (added|removed|changed)( \(.*\))?$/, '')
  return label !== reason && labels.has(label)
}
