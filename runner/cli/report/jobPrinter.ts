/** The output of one job as `logs` and `attach` print it: a heading before each step, then its lines; or JSON lines. */

export interface JobPrinter {
  step(name: string, title: string): void
  line(text: string): void
}

/** only: names of the steps that are wanted; their output alone, without headings. Undefined for all. */
export function jobPrinter(
  out: NodeJS.WritableStream,
  { json, only }: { json: boolean; only: readonly string[] | undefined },
): JobPrinter {
  let step = { name: '', title: '' }
  const isWanted = () => only === undefined || only.includes(step.name)
  return {
    step(name, title) {
      step = { name, title }
      if (!isWanted()) return
      if (json) out.write(`${JSON.stringify({ type: 'step', step })}\n`)
      else if (only === undefined) out.write(`=== ${title}\n`)
    },
    line(text) {
      if (!isWanted()) return
      out.write(json ? `${JSON.stringify({ type: 'output', step, line: text })}\n` : `${text}\n`)
    },
  }
}
