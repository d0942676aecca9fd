/** What `build-stack status` prints of many hosts: a row for each recipe, a column for each host. Pure. */

import { type Paint, painter } from './color.ts'
import { isWanted, type StatusRow } from './statusTable.ts'
import { type Cell, cell, tableLines } from './table.ts'

const MARKS = {
  '*': 'not the version that hosts.yaml asks for',
  '!': 'a service is not online',
  no: 'asked for, and not installed',
} as const

type Mark = keyof typeof MARKS

/**
 * Lines without a line break at the end. As many columns beside each other as `width` has room for, the rest below. Recipes
 * that some host has or should have are there, by name.
 */
export function statusMatrix(
  hosts: string[],
  rows: StatusRow[],
  { color, width }: { color: boolean; width: number },
): string {
  const paint = painter(color)
  const recipes = [...new Set(rows.map(({ recipe }) => recipe))].sort()
  if (hosts.length === 0) return ''
  if (recipes.length === 0) return `nothing is installed by build-stack on ${hosts.join(', ')}`
  const at = new Map(rows.map((row) => [`${row.recipe}\0${row.host}`, row]))
  const names = [cell('recipe', paint('dim', 'recipe')), ...recipes.map((recipe) => cell(recipe))]
  const columns = hosts.map((host) => [
    cell(host, paint('bold', host)),
    ...recipes.map((recipe) => versionCell(at.get(`${recipe}\0${host}`), paint)),
  ])
  const blocks = blocksOf(names, columns, width).map((block) =>
    tableLines(names.map((name, row) => [name, ...block.map((column) => column[row] ?? cell(''))])).join(
      '\n',
    ),
  )
  const used = (Object.keys(MARKS) as Mark[]).filter((mark) =>
    rows.some((row) => marksOf(row).includes(mark)),
  )
  return [
    ...blocks,
    ...(used.length > 0 ? [used.map((mark) => `${mark}  ${MARKS[mark]}`).join('\n')] : []),
  ].join('\n\n')
}

function marksOf({ version, wanted, service }: StatusRow): Mark[] {
  if (version === undefined) return ['no']
  return [
    ...(wanted !== undefined && !isWanted(version, wanted) ? (['*'] as const) : []),
    ...(service.some(({ state }) => state !== 'online') ? (['!'] as const) : []),
  ]
}

function versionCell(row: StatusRow | undefined, paint: Paint): Cell {
  if (!row) return cell('-', paint('dim', '-'))
  const marks = marksOf(row)
  const text = row.version === undefined ? 'no' : [row.version, marks.join('')].join(' ').trim()
  const style = marks.includes('!') ? 'red' : 'yellow'
  return marks.length > 0 ? cell(text, paint(style, text)) : cell(text)
}

/** The hosts' columns in groups that fit, at least one in each. */
function blocksOf(names: Cell[], columns: Cell[][], width: number): Cell[][][] {
  const widthOf = (column: Cell[]) => Math.max(...column.map(({ text }) => text.length)) + 2
  const blocks: Cell[][][] = []
  let room = 0
  for (const column of columns) {
    const needed = widthOf(column)
    if (blocks.length === 0 || needed > room) {
      blocks.push([])
      room = width - widthOf(names) + 2
    }
    blocks.at(-1)?.push(column)
    room -= needed
  }
  return blocks
}
