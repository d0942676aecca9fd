/** What `build-stack services` prints of one host. Pure. */
import type { ServiceDetails } from '../../verify/serviceDetails.ts'
import { type Paint, painter } from './color.ts'
import { shortName, stateSince } from './serviceWords.ts'
import { shownLine } from './shownLine.ts'
import { type Cell, cell, tableLines } from './table.ts'

export interface ServiceRow extends ServiceDetails {
  host: string
  fmri: string
  /**
   * As svcs names it; absent: its receipt names it, and its supervisor does not know it; unknown: its supervisor does not
   * answer.
   */
  state: string
  /** "-" and undefined when it is not moving. */
  nextState: string | undefined
  /** ISO 8601, or as svcs prints it. */
  since: string | undefined
  /** undefined: in our name space, and no receipt's. */
  recipe: { name: string; version: string } | undefined
}

const TITLES = ['service', 'state', 'at boot', 'recipe', 'pids', 'log']

/** Of many processes the first ones. */
const PIDS = 4

/** Whether it is not up, on its way from there, or does not stay up, although nobody wants it so. */
export function isDown(row: Pick<ServiceRow, 'state' | 'nextState' | 'atBoot' | 'reason'>): boolean {
  if (row.state === 'disabled') return row.atBoot !== false
  return row.state !== 'online' || isMoving(row) || row.reason !== undefined
}

function isMoving({ nextState }: Pick<ServiceRow, 'nextState'>): boolean {
  return nextState !== undefined && nextState !== '-' && nextState !== ''
}

/** Lines without a line break at the end. */
export function servicesText(
  host: string,
  rows: readonly ServiceRow[],
  { color, now }: { color: boolean; now: Date },
): string {
  const paint = painter(color)
  if (rows.length === 0) return `${paint('bold', host)}: no service of build-stack's`
  const table = tableLines([
    TITLES.map((title) => cell(title, paint('dim', title))),
    ...rows.map((row) => cells(row, paint, now)),
  ])
  const [titles = '', ...lines] = table
  return [
    paint('bold', host),
    `  ${titles}`,
    ...lines.flatMap((line, index) => [`  ${line}`, ...reasonOf(rows[index] as ServiceRow, paint)]),
    ...nextActions(host, rows),
  ].join('\n')
}

function cells(row: ServiceRow, paint: Paint, now: Date): Cell[] {
  const state = shownLine(row.state)
  const moving = isMoving(row) ? `, on its way to ${shownLine(row.nextState ?? '')}` : ''
  const since = stateSince(row.since, now)
  const style = isDown(row) ? 'red' : state === 'online' ? 'green' : 'yellow'
  const more = row.pids.length - PIDS
  const pids = row.pids.slice(0, PIDS).join(' ') + (more > 0 ? ` and ${more} more` : '')
  return [
    cell(shortName(row.fmri)),
    cell(`${state}${since}${moving}`, `${paint(style, state)}${since}${moving}`),
    cell(row.atBoot === undefined ? '-' : row.atBoot ? 'yes' : 'no'),
    cell(row.recipe ? `${row.recipe.name} ${row.recipe.version}` : 'of no recipe'),
    cell(pids || '-'),
    cell(shownLine(row.log ?? '-')),
  ]
}

function reasonOf({ reason }: ServiceRow, paint: Paint): string[] {
  return reason === undefined ? [] : [`      ${paint('red', shownLine(reason))}`]
}

function nextActions(host: string, rows: readonly ServiceRow[]): string[] {
  return rows.filter(isDown).flatMap(({ fmri, state }) => {
    const name = shortName(fmri)
    if (state === 'unknown') return []
    if (state === 'absent') return [`  next: build-stack ${host} puts ${name} back`]
    return [`  next: build-stack logs ${host} ${name} --service; build-stack start ${host} ${name}`]
  })
}

/** A line of JSON for each row: every key there, null for what is not known. No line break at the end. */
export function servicesJson(rows: readonly ServiceRow[]): string {
  return rows
    .map((row) =>
      JSON.stringify({
        host: row.host,
        service: shortName(row.fmri),
        id: row.fmri,
        state: row.state,
        nextState: isMoving(row) ? row.nextState : null,
        since: row.since || null,
        atBoot: row.atBoot ?? null,
        recipe: row.recipe?.name ?? null,
        version: row.recipe?.version ?? null,
        pids: row.pids,
        log: row.log ?? null,
        reason: row.reason ?? null,
      }),
    )
    .join('\n')
}
