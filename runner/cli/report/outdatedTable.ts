/** What `build-stack outdated` prints. Pure. */
import { isOutdated, newerUpstream, type VersionRow } from '../../desired/outdated.ts'
import { type Paint, painter } from './color.ts'
import { shownLine } from './shownLine.ts'
import { type Cell, cell, tableLines } from './table.ts'

interface HostRows {
  host: string
  rows: VersionRow[]
}

export interface OutdatedTextOptions {
  color: boolean
  all: boolean
  /** Whether it was asked for: with a column of its own. */
  upstream: boolean
}

/** Lines without a line break at the end. */
export function outdatedText(hosts: HostRows[], { color, all, upstream }: OutdatedTextOptions): string {
  const titles = ['recipe', 'installed', 'wanted', 'newest', ...(upstream ? ['upstream'] : []), 'notes']
  const paint = painter(color)
  return hosts
    .map(({ host, rows }) => {
      const shown = all ? rows : rows.filter(isOutdated)
      const rest = rows.length - rows.filter(isOutdated).length
      const summary = rest === 0 ? '' : ` (${rest} up to date)`
      if (shown.length === 0) {
        const nothing =
          rows.length === 0 ? 'nothing is installed by build-stack' : `all ${rows.length} up to date`
        return `${paint('bold', host)}: ${nothing}`
      }
      const table = [
        titles.map((title) => cell(title, paint('dim', title))),
        ...shown.map((row) => cells(row, paint, upstream)),
      ]
      return [`${paint('bold', host)}${summary}`, ...tableLines(table).map((line) => `  ${line}`)].join('\n')
    })
    .join('\n\n')
}

function cells(row: VersionRow, paint: Paint, upstream: boolean): Cell[] {
  const { recipe, installed, wanted, newest, unverified } = row
  const pending = wanted !== undefined && wanted !== installed
  const newer = [newest, unverified && `${unverified} (no checksum)`].filter(Boolean).join(', ')
  return [
    cell(shownLine(recipe)),
    cell(shownLine(installed ?? 'no')),
    cell(wanted ?? '-', pending ? paint('yellow', wanted) : (wanted ?? '-')),
    cell(newer || '-'),
    ...(upstream ? [upstreamCell(row, paint)] : []),
    cell(notesOf(row).join('; ')),
  ]
}

function upstreamCell(row: VersionRow, paint: Paint): Cell {
  const { upstream } = row
  if (!upstream || 'reason' in upstream) return cell('-')
  const text = shownLine(`${upstream.version} (${upstream.from})`)
  return cell(text, newerUpstream(row) === undefined ? text : paint('yellow', text))
}

function notesOf(row: VersionRow): string[] {
  const { installed, wanted, newest, heldBy, host, upstream } = row
  const newer = newerUpstream(row)
  return [
    ...(newer === undefined ? [] : [`recipes/${row.recipe}.yaml lacks ${shownLine(newer)}`]),
    ...(upstream && 'reason' in upstream ? [shownLine(`${upstream.from}: ${upstream.reason}`)] : []),
    ...(newest === undefined ? ['no recipe of that name'] : []),
    ...(wanted === undefined ? ['nobody asks for it'] : []),
    ...(wanted !== undefined && wanted !== installed ? [`build-stack ${host} installs ${wanted}`] : []),
    ...heldBy,
  ]
}

/** A line for each recipe of each host: every key there, null for what does not apply. */
export function outdatedJson(hosts: HostRows[]): string {
  return hosts
    .flatMap(({ rows }) => rows)
    .map((row) =>
      JSON.stringify({
        host: row.host,
        recipe: row.recipe,
        installed: row.installed ?? null,
        wanted: row.wanted ?? null,
        newest: row.newest ?? null,
        unverified: row.unverified ?? null,
        heldBy: row.heldBy,
        upstream: row.upstream ?? null,
        outdated: isOutdated(row),
      }),
    )
    .join('\n')
}
