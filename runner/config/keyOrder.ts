/** Maps of YAML have no order, so that what is made of them must not have one that somebody happened to write. Pure. */

/** The same data with the keys of every map sorted; lists stay as they are. */
export function inKeyOrder<T>(data: T): T {
  if (Array.isArray(data)) return data.map(inKeyOrder) as T
  if (typeof data !== 'object' || data === null) return data
  const entries = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, value]) => [key, inKeyOrder(value)])) as T
}
