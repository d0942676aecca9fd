/** One input that differs, as lines of the plan's text. Values may come from a host's receipt: they are shown cleaned. */
import type { Paint } from '../cli/report/color.ts'
import { shownLine } from '../cli/report/shownLine.ts'
import type { Change } from './plan.ts'
import { lineDiff, wordDiff } from './textDiff.ts'

const HASHES = /\s*\b[0-9a-f]{64}\b/g
const VALUE_WIDTH = 100

/** None when a reason says the same. limit: lines of a text's diff. */
export function changeLines(change: Change, reasons: string[], paint: Paint, limit: number): string[] {
  const { label, old, new: wanted } = change
  const [before, after] = [words(old), words(wanted)]
  if ((before || after) && isWords(old) && isWords(wanted)) {
    const start = `${label}: `
    return wordDiff(before ?? [], after ?? []).map(({ sign, word }, index) => {
      const text = paint(sign === '+' ? 'green' : 'red', `${sign} ${shownLine(word)}`)
      return `${index === 0 ? start : ' '.repeat(start.length)}${text}`
    })
  }
  if (old?.includes('\n') || wanted?.includes('\n')) {
    const lines = lineDiff(old ?? '', wanted ?? '', limit).map((line) => `  ${paintLine(line, paint)}`)
    return [`${label}:`, ...lines]
  }
  return scalarLines(change, reasons)
}

function scalarLines(change: Change, reasons: string[]): string[] {
  const { label, old, new: wanted } = change
  const [before, after] = [withoutHashes(old), withoutHashes(wanted)]
  const name = label.replace(/^dependency /, '')
  const about = reasons.filter((reason) => reason.includes(name))
  if (before === after || label === 'source') {
    const verb = old === undefined ? 'added' : wanted === undefined ? 'removed' : 'changed'
    return about.length > 0 ? [] : [`${label}: ${verb}`]
  }
  // A dependency's reason names the versions; what else is in its value is a fingerprint.
  if (label.startsWith('dependency ') && about.length > 0) return []
  if (before && after && about.some((reason) => reason.includes(before) && reason.includes(after))) return []
  if (before === undefined) return [`${label}: + ${quoted(after)}`]
  if (after === undefined) return [`${label}: - ${quoted(before)}`]
  return [`${label}: ${quoted(before)} -> ${quoted(after)}`]
}

/** A list of strings written as JSON, which is how a build keeps its flags. */
function words(value: string | undefined): string[] | undefined {
  if (!value?.startsWith('[')) return undefined
  try {
    const list: unknown = JSON.parse(value)
    return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

function isWords(value: string | undefined): boolean {
  return value === undefined || words(value) !== undefined
}

/** A checksum tells nobody anything: what is left of a value without it, undefined for nothing. */
function withoutHashes(value: string | undefined): string | undefined {
  const rest = value?.replace(HASHES, '')
  return rest === '' && value !== '' ? undefined : rest
}

function quoted(value = ''): string {
  const text = JSON.stringify(value)
  return text.length <= VALUE_WIDTH ? text : `${text.slice(0, VALUE_WIDTH)}..."`
}

/** A line of a diff. */
export function paintLine(line: string, paint: Paint): string {
  const shown = shownLine(line)
  if (line.startsWith('+')) return paint('green', shown)
  return line.startsWith('-') ? paint('red', shown) : paint('dim', shown)
}
