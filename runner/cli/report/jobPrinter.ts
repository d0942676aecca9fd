/** The output of one job as `logs` and `attach` print it: a heading before each step, then its lines; or JSON lines. */

export interface JobPrinter {
  step(name: string, title: string): void
  line(text: string): void
}

export interface PrinterOptions {
  json: boolean
  /** Names of the steps that are wanted; their output alone, without headings. Undefined for all. */
  only: readonly string[] | undefined
  /** Whose output it is, where several are printed side by side. */
  among?: { job: string; recipe: string } | undefined
}

export function jobPrinter(out: NodeJS.WritableStream, { json, only, among }: PrinterOptions): JobPrinter {
  const label = among ? `${among.recipe}: ` : ''
  let step = { name: '', title: '' }
  const isWanted = () => only === undefined || only.includes(step.name)
  return {
    step(name, title) {
      step = { name, title }
      if (!isWanted()) return
      if (json) out.write(`${JSON.stringify({ type: 'step', ...among, step })}\n`)
      else if (only === undefined) out.write(`${label}=== ${title}\n`)
    },
    line(text) {
      if (!isWanted()) return
      out.write(
        json ? `${JSON.stringify({ type: 'output', ...among, step, line: text })}\n` : `${label}${text}\n`,
      )
    },
  }
}
