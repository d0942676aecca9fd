/** Work on many things, so many at once. */

export interface Lane<T> {
  items: Iterable<T>
  /** At once. */
  limit: number
}

/** Resolves when all are done; rejects with the first failure, and starts nothing more then. */
export function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  return inLanes([{ items, limit }], work)
}

/** Several kinds side by side, each with a limit of its own: a failure of one stops all. */
export async function inLanes<T>(lanes: readonly Lane<T>[], work: (item: T) => Promise<void>): Promise<void> {
  let failed = false
  const worker = async (rest: Iterator<T>) => {
    for (let next = rest.next(); !next.done && !failed; next = rest.next()) {
      try {
        await work(next.value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const workers = lanes.flatMap(({ items, limit }) => {
    const rest = items[Symbol.iterator]()
    return Array.from({ length: limit }, () => worker(rest))
  })
  const results = await Promise.allSettled(workers)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
