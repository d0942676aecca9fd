/** Columns of words that a person reads. Pure. */

export interface Cell {
  text: string
  /** As it is printed, colours included. */
  shown: string
}

export function cell(text: string, shown = text): Cell {
  return { text, shown }
}

/** A line for each row, each column as wide as its widest text; no blanks at the end of a line. */
export function tableLines(rows: readonly (readonly Cell[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.text.length ?? 0), 0),
  )
  return rows.map((row) =>
    row
      .map(({ text, shown }, column) => shown + ' '.repeat((widths[column] ?? 0) - text.length))
      .join('  ')
      .trimEnd(),
  )
}
