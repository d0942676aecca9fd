/** What uvu's assert lacks: a promise that must reject. */
import * as assert from 'uvu/assert'

/** Resolves to the error, for further looks at it. Fails when the promise resolves or the predicate says no. */
export async function rejects(
  promise: Promise<unknown>,
  predicate: RegExp | ((error: Error) => boolean),
): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (thrown: Error) => thrown,
  )
  if (error === undefined) return assert.unreachable('expected a rejection, but it resolved') as never
  const fits = predicate instanceof RegExp ? predicate.test(error.message) : predicate(error)
  assert.ok(fits, `rejected with another error: ${error.stack}`)
  return error
}
