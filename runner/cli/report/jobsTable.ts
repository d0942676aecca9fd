/** What `build-stack ps` prints. Pure. */
import type { HostJob } from '../../run/hostJobs.ts'
import { type Paint, painter } from './color.ts'
import { dateAndAge } from './date.ts'
import { shownLine } from './shownLine.ts'
import { type Cell, cell, tableLines } from './table.ts'

export interface JobRow {
  host: string
  job: HostJob
}

const TITLES = ['host', 'recipe', 'action', 'version', 'state', 'step', 'since', 'by', 'job']

/** Lines without a line break at the end. */
export function jobsTable(rows: readonly JobRow[], options: { color: boolean; now: Date }): string {
  const paint = painter(options.color)
  const titles = TITLES.map((title) => cell(title, paint('dim', title)))
  return tableLines([titles, ...rows.map((row) => cells(row, paint, options.now))]).join('\n')
}

function cells({ host, job }: JobRow, paint: Paint, now: Date): Cell[] {
  const style = { running: 'yellow', done: 'green', failed: 'red', cancelled: 'red', gone: 'red' } as const
  const state = job.state === 'failed' ? `failed (${job.code})` : job.state
  return [
    cell(host),
    ...[job.recipe, job.action, job.to ?? job.from ?? '-'].map((text) => cell(shownLine(text))),
    cell(state, paint(style[job.state], state)),
    cell(shownLine(job.step ?? '-')),
    cell(dateAndAge(job.since, now)),
    cell(shownLine(job.by)),
    cell(shownLine(job.id)),
  ]
}

/** A line for each; every key is always there, null for unknown. */
export function jobsJson(rows: readonly JobRow[]): string {
  return rows
    .map(({ host, job }) => {
      const {
        id,
        code = null,
        from = null,
        to = null,
        since = null,
        until = null,
        step = null,
        ...rest
      } = job
      return JSON.stringify({ host, job: id, ...rest, code, from, to, since, until, step })
    })
    .join('\n')
}
