/** What `build-stack why` prints. Pure. */
import type { Explanation, Wish } from '../../desired/explain.ts'
import { changeLines } from '../../plan/changeLines.ts'
import type { ActionKind, Change } from '../../plan/plan.ts'
import type { Receipt } from '../../receipts/receipt.ts'
import { painter } from './color.ts'
import { dateAndAge } from './date.ts'
import { shownLine } from './shownLine.ts'

export interface WhyResult {
  host: string
  explanation: Explanation
  receipt: Receipt | undefined
  /** Why the receipt cannot be read. */
  damage: string | undefined
  /** Undefined without a connection: what a run would change, and its reasons. */
  pending: { kind: ActionKind; reasons: string[]; changes: Change[] } | undefined
  /** Without a connection: when the host was last seen, ISO 8601, or "" for never. */
  seenAt: string | undefined
}

/** Lines of a text's diff. */
const DIFF_LINES = 40

/** Lines without a line break at the end. */
export function whyText(result: WhyResult, { color, now }: { color: boolean; now: Date }): string {
  const paint = painter(color)
  const { host, explanation, receipt, damage, pending, seenAt } = result
  const { recipe, version, wishes, refused } = explanation
  const title = paint('bold', `${recipe}${version ? ` ${version}` : ''} on ${host}`)
  const lines = [title]
  if (wishes.length === 0) lines.push('  nobody asks for it')
  else lines.push('  asked for by', ...wishes.flatMap((wish) => wishLines(wish, '    ')))
  if (version) {
    const newest = refused.length === 0 ? 'the newest there is' : 'the newest that suits all'
    lines.push(`  chosen: ${version}, ${newest}`)
  } else if (wishes.length > 0) lines.push(`  chosen: ${paint('yellow', 'none: see who asks for what')}`)
  if (wishes.length > 0) {
    lines.push(...refused.map((one) => `    not ${one.version}: ${one.reasons.join(', ')}`))
  }
  const seen = seenAt ? `; as seen ${dateAndAge(seenAt, now)}` : ''
  if (receipt) {
    const since = `${receipt.version}, since ${dateAndAge(receipt.installedAt, now)}, by ${receipt.installedBy}`
    lines.push(`  installed: ${shownLine(since)}${seen}`)
  } else if (damage !== undefined)
    lines.push(`  installed: ${paint('red', `its receipt is damaged: ${damage}`)}`)
  else if (seenAt === '') lines.push('  installed: not known; no run has seen this host yet')
  else lines.push(`  installed: no${seen}`)
  if (receipt && pending) {
    if (pending.kind === 'keep') {
      lines.push(`  ${paint('green', 'as wanted')}: the next run keeps it`)
    } else {
      lines.push(
        `  the next run: ${paint('yellow', pending.kind)}`,
        ...pending.reasons.map((reason) => `    ${shownLine(reason)}`),
      )
      for (const change of pending.changes) {
        lines.push(...changeLines(change, pending.reasons, paint, DIFF_LINES).map((line) => `    ${line}`))
      }
    }
  }
  return lines.join('\n')
}

function wishLines({ by, range, location, certain, wishes }: Wish, indent: string): string[] {
  const perhaps = certain ? '' : ', if its condition holds'
  const place = `${location.file}:${location.line}`
  return [
    `${indent}${by} (${range}${perhaps}; ${place})`,
    ...wishes.flatMap((wish) => wishLines(wish, `${indent}  `)),
  ]
}

/** One line: every key there, null for what does not apply. */
export function whyJson({ host, explanation, receipt, damage, pending, seenAt }: WhyResult): string {
  return JSON.stringify({
    host,
    recipe: explanation.recipe,
    version: explanation.version ?? null,
    wishes: explanation.wishes,
    refused: explanation.refused,
    installed: receipt
      ? { version: receipt.version, installedAt: receipt.installedAt, installedBy: receipt.installedBy }
      : null,
    damage: damage ?? null,
    pending: pending ?? null,
    seenAt: seenAt || null,
  })
}
