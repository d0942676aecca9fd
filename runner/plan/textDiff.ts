/** What differs between two texts: word by word for lists, line by line for files. */
import { diffArrays, structuredPatch } from 'diff'

export interface WordChange {
  sign: '+' | '-'
  word: string
}

/** Words that came and went, in their order; those that stayed are left out. */
export function wordDiff(before: string[], after: string[]): WordChange[] {
  return diffArrays(before, after).flatMap((part) => {
    if (!part.added && !part.removed) return []
    return part.value.map((word): WordChange => ({ sign: part.added ? '+' : '-', word }))
  })
}

/** The hunks of a unified diff, at most `limit` lines and then how many more there are. Equal texts: none. */
export function lineDiff(before: string, after: string, limit: number): string[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 2 })
  const lines = hunks.flatMap((hunk) => [
    `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`,
    ...hunk.lines,
  ])
  if (lines.length <= limit) return lines
  return [...lines.slice(0, limit), `... ${lines.length - limit} more lines`]
}

/** Of no lines, diff and patch name the line before. */
function range(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`
}
