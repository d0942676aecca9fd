/** Long text on a terminal goes through a pager, as git does it: $PAGER, else less. Elsewhere it is just written. */
import { spawn } from 'node:child_process'

export interface PagerOptions {
  /** False: --no-pager. */
  pager: boolean
  env: Record<string, string | undefined>
}

/** Writes the text and a line break; resolves when it is written, or when the reader has left the pager. */
export async function showPaged(
  text: string,
  out: NodeJS.WriteStream | NodeJS.WritableStream,
  { pager, env }: PagerOptions,
): Promise<void> {
  const command = pager ? pagerFor(text, out as NodeJS.WriteStream, env) : undefined
  if (command && (await paged(`${text}\n`, command, env))) return
  await new Promise<void>((resolve) => out.write(`${text}\n`, () => resolve()))
}

/** Undefined where none is wanted: no terminal, a text that fits, PAGER empty or cat. */
export function pagerFor(
  text: string,
  out: { isTTY?: boolean; rows?: number; columns?: number },
  env: Record<string, string | undefined>,
): string | undefined {
  if (!out.isTTY || env.TERM === 'dumb') return undefined
  const columns = out.columns || 80
  const rows = text
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(shownLength(line) / columns)), 0)
  // One row is the prompt's.
  if (rows < (out.rows || 24)) return undefined
  const command = (env.PAGER ?? 'less').trim()
  return command === '' || command === 'cat' ? undefined : command
}

function shownLength(line: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
  return line.replace(/\x1b\[[0-9;]*m/g, '').length
}

/** False when there is no such program: nothing was shown then. $PAGER is a command line, as it is for everybody. */
function paged(text: string, command: string, env: Record<string, string | undefined>): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      // F: leave when it fits; R: colours; X: what was shown stays.
      env: { ...env, LESS: env.LESS ?? 'FRX' },
      stdio: ['pipe', 'inherit', 'inherit'],
    })
    // Ctrl-C is the pager's while it runs.
    const ignore = () => {}
    process.on('SIGINT', ignore)
    const end = (shown: boolean) => {
      process.removeListener('SIGINT', ignore)
      resolve(shown)
    }
    child.on('error', () => end(false))
    // The shell's word for a command that is not there, or that may not run.
    child.on('close', (code) => end(code !== 127 && code !== 126))
    // Who leaves the pager early does not want the rest.
    child.stdin.on('error', () => {})
    child.stdin.end(text)
  })
}
