/** The built program on a terminal of its own, by script(1) of util-linux. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../runner/paths.ts'
import type { Workshop } from './workshop.ts'

export const SCRIPT = '/usr/bin/script'

export interface Terminal {
  /** All that was to be seen. */
  output: string
  /** Questions that were asked. */
  prompts: number
  code: number | null
}

/** What is left of the line with the text when readline has cleared lines to write them anew; empty when it is gone. */
export function shownLine(output: string, text: RegExp): string {
  const line = output.split('\n').find((each) => text.test(each)) ?? ''
  return line.split('\x1b[0J').at(-1) ?? ''
}

/** Each question that the pattern finds gets the next answer. `onOutput` sees all output so far, and can kill it all. */
export function onTerminal(
  workshop: Workshop,
  words: string[],
  question: RegExp,
  answers: string[],
  onOutput: (output: string, kill: () => void) => void = () => {},
): Promise<Terminal> {
  const argv = [process.execPath, join(packageRoot, '.build', 'main.js'), '-C', workshop.project, ...words]
  const line = [...argv, '--sources', workshop.archives].map((word) => `'${word}'`).join(' ')
  const { FORCE_COLOR: _, ...inherited } = process.env
  const own = { HOME: workshop.home, BUILD_STACK_CACHE: workshop.cache(), NO_COLOR: '1', TERM: 'xterm' }
  return new Promise((resolve) => {
    const child = spawn(SCRIPT, ['-qefc', line, '/dev/null'], {
      env: { ...inherited, ...own },
      detached: true,
    })
    const terminal: Terminal = { output: '', prompts: 0, code: null }
    child.stdout.on('data', (piece) => {
      terminal.output += piece
      const asked = terminal.output.split(question).length - 1
      if (asked > terminal.prompts) {
        terminal.prompts = asked
        const answer = answers[asked - 1]
        if (answer !== undefined) child.stdin.write(`${answer}\n`)
      }
      onOutput(terminal.output, () => process.kill(-(child.pid as number), 'SIGKILL'))
    })
    child.on('close', (code) => resolve({ ...terminal, code }))
  })
}
