/** Collecting the faults of configuration files, so that a user can mend a file in one go. */
import { BuildStackError, BuildStackErrors, type ErrorContext, type Location } from '../errors.ts'

/** One fault of a file. */
export function configFault(
  message: string,
  location: Location,
  context: ErrorContext = {},
): BuildStackError {
  return new BuildStackError('CONFIG', message, { location, ...context })
}

/** By file, then line, then column: the order in which somebody mends them. */
export function inOrder(faults: BuildStackError[]): BuildStackError[] {
  return [...faults].sort((a, b) => {
    const [x, y] = [a.context.location, b.context.location]
    if (!x || !y) return Number(!!x) - Number(!!y)
    return compareText(x.file, y.file) || x.line - y.line || x.column - y.column
  })
}

/** Throws the one fault as itself, several as BuildStackErrors, and nothing when there are none. */
export function throwFaults(faults: BuildStackError[]): void {
  const [only, ...others] = inOrder(faults)
  if (!only) return
  throw others.length ? new BuildStackErrors([only, ...others]) : only
}

/** The faults in what was thrown; anything that is not a fault of the user's is thrown on. */
export function faultsIn(thrown: unknown): BuildStackError[] {
  if (thrown instanceof BuildStackErrors) return thrown.errors
  if (thrown instanceof BuildStackError) return [thrown]
  throw thrown
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
