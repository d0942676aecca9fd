/** What the steps of each recipe took, as a table. */
import type { StackEvent } from './program.ts'

const COLUMNS = ['configure', 'build', 'stage', 'install'] as const

interface Row {
  host: string
  recipe: string
  version: string
  how: string
  seconds: Record<string, number>
  whole: number
}

export class Timings {
  readonly #rows: Row[] = []
  /** Of what is being built, by host and recipe. */
  readonly #open = new Map<string, Row>()

  see(event: StackEvent): void {
    const { host = '', recipe = '', version = '', seconds = 0 } = event
    const key = `${host} ${recipe}`
    if (event.type === 'recipe-start') {
      const row = { host, recipe, version, how: 'source', seconds: {}, whole: 0 }
      this.#rows.push(row)
      this.#open.set(key, row)
    }
    // What is kept as it is has no start.
    const row = this.#open.get(key)
    if (!row) return
    if (event.type === 'step-end') {
      const title = event.step?.title ?? ''
      if (title === 'unpack package') row.how = 'package'
      row.seconds[title] = (row.seconds[title] ?? 0) + seconds
    }
    if (event.type === 'recipe-end') {
      row.whole = seconds
      if (event.result !== 'done') row.how = event.result ?? ''
      this.#open.delete(key)
    }
  }

  /** A line for each recipe that was built or tried, in the order in which they began. */
  table(): string[] {
    const header = ['host', 'recipe', 'version', 'from', ...COLUMNS, 'whole (s)']
    const lines = this.#rows.map((row) => [
      row.host,
      row.recipe,
      row.version,
      row.how,
      ...COLUMNS.map((title) => row.seconds[title]?.toFixed(1) ?? '-'),
      row.whole.toFixed(1),
    ])
    const widths = header.map((title, index) =>
      Math.max(title.length, ...lines.map((line) => (line[index] ?? '').length)),
    )
    return [header, ...lines].map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  }
}
