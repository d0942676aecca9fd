/** What `build-stack history` prints. Pure. */
import type { HistoryEntry } from '../../receipts/history.ts'
import { type Paint, painter } from './color.ts'
import { dateAndTime } from './date.ts'
import { duration } from './duration.ts'
import { shownLine } from './shownLine.ts'
import { type Cell, cell, tableLines } from './table.ts'

const TITLES = ['when', 'recipe', 'action', 'version', 'result', 'took', 'by', 'plan']

/** Lines without a line break at the end, the newest last. */
export function historyTable(entries: HistoryEntry[], { color }: { color: boolean }): string {
  const paint = painter(color)
  const titles = TITLES.map((title) => cell(title, paint('dim', title)))
  return tableLines([titles, ...entries.map((entry) => cells(entry, paint))]).join('\n')
}

function cells(entry: HistoryEntry, paint: Paint): Cell[] {
  const { at, by, recipe, action, from, to, result, seconds, run } = entry
  const versions = from && to && from !== to ? `${from} -> ${to}` : (to ?? (from ? `${from} -> none` : '-'))
  const shown = [dateAndTime(at), recipe, action, versions, result].map(shownLine)
  const style = result === 'done' ? 'green' : 'red'
  return [
    ...shown.slice(0, -1).map((text) => cell(text)),
    cell(shown.at(-1) ?? '', paint(style, shown.at(-1) ?? '')),
    cell(seconds === undefined ? '-' : duration(seconds)),
    cell(shownLine(by)),
    cell(shownLine(run ?? '-')),
  ]
}
