/** Shows what ended a command and gives its exit status. */
import { BuildStackError, BuildStackErrors, EXIT_STATUS } from '../errors.ts'
import { errorJson, errorText } from './printError.ts'
import { wantsColor } from './report/color.ts'

/** sysexits' "internal software error": a bug in build-stack. */
const BUG_STATUS = 70

export function reportError(error: unknown, options: { json: boolean }): number {
  if (options.json) {
    for (const one of errorJson(error)) process.stdout.write(`${JSON.stringify({ type: 'error', ...one })}\n`)
  } else {
    process.stderr.write(`${errorText(error, { color: wantsColor(process.stderr.isTTY, process.env) })}\n`)
  }
  return statusOf(error)
}

/** The status of the first: the others are often its consequences. */
export function statusOf(error: unknown): number {
  const first = error instanceof BuildStackErrors ? error.errors[0] : error
  return first instanceof BuildStackError ? EXIT_STATUS[first.code] : BUG_STATUS
}
