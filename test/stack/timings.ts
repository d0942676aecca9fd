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
  readonly #rows = new Map<string, Row>()

  see(event: StackEvent): void {
    const { host = '', recipe = '', version = '', seconds = 0 } = event
    const key = `${host} ${recipe} ${version}`
    if (event.type === 'recipe-start') {
      this.#rows.set(key, { host, recipe, version, how: 'built', seconds: {}, whole: 0 })
    }
    const row = this.#rows.get(key)
    if (!row) return
    if (event.type === 'step-end') {
      const title = event.step?.title ?? ''
      if (title === 'unpack package') row.how = 'package'
      row.seconds[title] = (row.seconds[title] ?? 0) + seconds
    }
    if (event.type === 'recipe-end') row.whole = seconds
  }

  print(): void {
    const header = ['host', 'recipe', 'version', 'from', ...COLUMNS, 'whole (s)']
    const lines = [...this.#rows.values()].map((row) => [
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
    for (const line of [header, ...lines]) {
      console.log(
        line
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd(),
      )
    }
  }
}
