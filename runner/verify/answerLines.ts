/** The lines that a looking script prints between its first and its last line, as words. Pure. */
import { BuildStackError } from '../errors.ts'

export interface AnswerLine {
  kind: string
  /** A word after the kind; "" for none. */
  word(index: number): string
  /** The words from there on: a last one may hold tabs. */
  rest(index: number): string
}

/** @throws BuildStackError HOST when the output is not a whole answer. */
export function answerLines(output: string, script: string, host: string, stderr = ''): AnswerLine[] {
  const start = output.indexOf(`build-stack-${script} 1\n`)
  const end = output.lastIndexOf(`build-stack-${script} end`)
  if (start < 0 || end < start) {
    throw new BuildStackError('HOST', 'the host did not finish looking at its files', {
      host,
      log: `${output}\n${stderr}`.split('\n').filter(Boolean).slice(-8),
      next: 'check that its temporary folder has room, and that the user may write there',
    })
  }
  return output
    .slice(start, end)
    .split('\n')
    .slice(1)
    .map((line) => {
      const [kind = '', ...words] = line.split('\t')
      return { kind, word: (index) => words[index] ?? '', rest: (index) => words.slice(index).join('\t') }
    })
}
