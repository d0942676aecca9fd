/** The faults of a configuration as a user sees them: "file:line:column: message". */
import { BuildStackError, BuildStackErrors } from '../../runner/errors.ts'

export function linesOf(error: unknown): string[] {
  if (error instanceof BuildStackErrors) return error.errors.flatMap(linesOf)
  if (!(error instanceof BuildStackError)) throw error
  const { location } = error.context
  return [location ? `${location.file}:${location.line}:${location.column}: ${error.message}` : error.message]
}

export function faultsOf(action: () => unknown): string[] {
  try {
    action()
  } catch (error) {
    return linesOf(error)
  }
  return []
}

export async function faultsOfPromise(promise: Promise<unknown>): Promise<string[]> {
  return promise.then(() => [], linesOf)
}
