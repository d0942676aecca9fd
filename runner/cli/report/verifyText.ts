/** What `build-stack verify` prints of one host. Pure. */
import type { Receipt } from '../../receipts/receipt.ts'
import { type Finding, type FindingKind, isFault } from '../../verify/findings.ts'
import { type Paint, painter } from './color.ts'
import { duration } from './duration.ts'
import { shownLine } from './shownLine.ts'
import { type Cell, cell, tableLines } from './table.ts'

export interface VerifyResult {
  host: string
  receipts: Record<string, Receipt>
  findings: Finding[]
  /** How many recorded files and folders there were. */
  files: number
  seconds: number
}

/** Of one kind; the rest is counted. */
const SHOWN = 20

/** Lines without a line break at the end. */
export function verifyText(result: VerifyResult, { color }: { color: boolean }): string {
  const { host, findings, files, seconds, receipts } = result
  const paint = painter(color)
  const faults = findings.filter(isFault).length
  const count = Object.keys(receipts).length
  if (count === 0 && findings.length === 0)
    return `${paint('bold', host)}: nothing is installed by build-stack`
  const verdict =
    faults === 0
      ? paint('green', 'as recorded')
      : paint('red', `${faults} ${faults === 1 ? 'fault' : 'faults'}`)
  const checked = `${plural(files, 'file')} of ${plural(count, 'recipe')} in ${duration(seconds)}`
  return [
    `${paint('bold', host)}: ${verdict} (${checked})`,
    ...tableLines(rowsOf(result, paint)).map((line) => `  ${line}`),
    ...nextActions(findings),
  ].join('\n')
}

function rowsOf({ findings, receipts }: VerifyResult, paint: Paint): Cell[][] {
  const rows: Cell[][] = []
  const shown = new Map<FindingKind, number>()
  for (const [index, finding] of findings.entries()) {
    const { kind, recipe } = finding
    const count = (shown.get(kind) ?? 0) + 1
    shown.set(kind, count)
    const version = recipe && receipts[recipe]?.version
    const name = [recipe ?? '', version ?? ''].join(' ').trim()
    const title = paint(isFault(finding) ? 'red' : 'yellow', kind)
    const what = shownLine([finding.path, finding.message].filter(Boolean).join(': '))
    if (count <= SHOWN) rows.push([cell(kind, title), cell(name), cell(what)])
    else if (findings[index + 1]?.kind !== kind) {
      rows.push([cell(kind, title), cell(''), cell(`and ${count - SHOWN} more (--json has them all)`)])
    }
  }
  return rows
}

function nextActions(findings: Finding[]): string[] {
  const actions = [...new Set(findings.flatMap(({ next }) => next ?? []))].map(
    (next) => `  next: ${shownLine(next)}`,
  )
  return actions.length > SHOWN
    ? [...actions.slice(0, SHOWN), `  and ${actions.length - SHOWN} more`]
    : actions
}

function plural(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`
}

/** A line for each finding and one for the host: every key there, null for what does not apply. */
export function verifyJson({ host, receipts, findings, files, seconds }: VerifyResult): string {
  const lines = findings.map((finding) => ({
    type: 'finding',
    host,
    kind: finding.kind,
    fault: isFault(finding),
    recipe: finding.recipe ?? null,
    version: (finding.recipe && receipts[finding.recipe]?.version) ?? null,
    path: finding.path ?? null,
    message: finding.message,
    next: finding.next ?? null,
  }))
  const faults = findings.filter(isFault).length
  const end = { type: 'verified', host, recipes: Object.keys(receipts).length, files, faults, seconds }
  return [...lines, end].map((line) => JSON.stringify(line)).join('\n')
}
