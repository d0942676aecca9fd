/** What `build-stack status HOST...` prints: what is installed, since when, and whether its services are up. Pure. */
import { satisfies } from '../../config/version.ts'
import { type Paint, painter } from './color.ts'
import { dateAndAge } from './date.ts'
import { shortName, stateSince } from './serviceWords.ts'
import { shownLine } from './shownLine.ts'
import { type Cell, cell, tableLines } from './table.ts'

export interface ServiceStatus {
  fmri: string
  /** As svcs names it: online, offline, maintenance, disabled, ... */
  state: string
  /** ISO 8601, or as svcs prints it ("12:34:56", "Nov_24", "-"); undefined when it is not known. */
  since: string | undefined
}

export interface StatusRow {
  host: string
  recipe: string
  /** undefined: wanted, but not installed. */
  version: string | undefined
  /** ISO 8601; undefined when it is not installed. */
  installedAt: string | undefined
  service: ServiceStatus[]
  /** The version or range that hosts.yaml asks for; undefined when it asks for nothing. */
  wanted: string | undefined
}

const TITLES = ['recipe', 'installed', 'since', 'service', 'notes']

/**
 * Lines without a line break at the end. hosts: those that answered; one without rows has a line too. Dates are in the
 * local time zone.
 */
export function statusTable(
  hosts: string[],
  rows: StatusRow[],
  { color, now }: { color: boolean; now: Date },
): string {
  const paint = painter(color)
  return hosts
    .map((host) => {
      const own = rows.filter((row) => row.host === host)
      if (own.length === 0) return `${paint('bold', host)}: nothing is installed by build-stack`
      const table = [
        TITLES.map((title) => cell(title, paint('dim', title))),
        ...own.map((row) => cells(row, paint, now)),
      ]
      return [paint('bold', host), ...tableLines(table).map((line) => `  ${line}`)].join('\n')
    })
    .join('\n\n')
}

/** A line of JSON for each row: every key there, null for what does not apply. No line break at the end. */
export function statusJson(rows: StatusRow[]): string {
  const objects = rows.map((row) => ({
    host: row.host,
    recipe: row.recipe,
    version: row.version ?? null,
    installedAt: row.installedAt ?? null,
    services: row.service.map(({ fmri, state, since }) => ({ fmri, state, since: since || null })),
    wanted: row.wanted ?? null,
  }))
  return objects.map((object) => JSON.stringify(object)).join('\n')
}

function cells(row: StatusRow, paint: Paint, now: Date): Cell[] {
  const note = row.wanted === undefined || isWanted(row.version, row.wanted) ? '' : `wanted ${row.wanted}`
  return [
    cell(row.recipe),
    row.version === undefined ? cell('no', paint('dim', 'no')) : cell(row.version),
    cell(dateAndAge(row.installedAt, now)),
    serviceCell(row.service, paint, now),
    cell(note, paint('yellow', note)),
  ]
}

export function isWanted(version: string | undefined, range: string): boolean {
  return version !== undefined && (version === range || satisfies(version, range))
}

/** "online 3 d"; with their names when there are several: "memcached online 3 d, second maintenance". */
function serviceCell(services: ServiceStatus[], paint: Paint, now: Date): Cell {
  if (services.length === 0) return cell('-')
  const parts = services.map(({ fmri, state, since }) => {
    const name = services.length === 1 ? '' : `${shortName(fmri)} `
    const [shown, time] = [shownLine(state), stateSince(since, now)]
    return cell(
      `${name}${shown}${time}`,
      `${name}${paint(shown === 'online' ? 'green' : 'red', shown)}${time}`,
    )
  })
  return cell(parts.map((part) => part.text).join(', '), parts.map((part) => part.shown).join(', '))
}
