/** Where a variable stands in a file that was read: copies of parsed files know no places within strings. Pure. */
import type { Location } from '../errors.ts'
import { literalPattern } from './literalPattern.ts'

/** The first `${...}` of that name outside of comments; the file's beginning where there is none. */
export function markPlace(text: string, file: string, variable: string): Location {
  const mark = `\${${variable}}`
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    // "$${" stands for a literal one.
    const column = line.search(new RegExp(`(?<!\\$)${literalPattern(mark)}`))
    if (column >= 0 && !/^\s*#/.test(line)) return { file, line: index + 1, column: column + 1 }
  }
  return { file, line: 1, column: 1 }
}
