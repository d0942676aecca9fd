/** What comes before what. Pure. */

export class Edges {
  readonly #next = new Map<string, Set<string>>()

  add(from: string, to: string): void {
    this.#next.set(from, (this.#next.get(from) ?? new Set()).add(to))
  }

  /** Over one edge or several; each leads to itself. */
  leads(from: string, to: string): boolean {
    const reached = new Set([from])
    for (const node of reached) for (const next of this.#next.get(node) ?? []) reached.add(next)
    return reached.has(to)
  }

  from(node: string): Iterable<string> {
    return this.#next.get(node) ?? []
  }
}

/**
 * The names in an order in which what each needs comes before it, and what it had better have too; otherwise as given.
 * A wish that would close a circle is left out. What is needed or wished for beyond the names does not count.
 */
export function orderOf(
  names: readonly string[],
  needs: (name: string) => Iterable<string>,
  wishes: (name: string) => Iterable<string>,
): string[] {
  const edges = new Edges()
  const there = new Set(names)
  for (const name of names) for (const need of needs(name)) if (there.has(need)) edges.add(name, need)
  for (const name of names) {
    for (const wish of wishes(name)) {
      if (there.has(wish) && !edges.leads(wish, name)) edges.add(name, wish)
    }
  }
  const order = new Set<string>()
  const begun = new Set<string>()
  const visit = (name: string) => {
    if (begun.has(name)) return
    begun.add(name)
    for (const before of edges.from(name)) visit(before)
    order.add(name)
  }
  for (const name of names) visit(name)
  return [...order]
}
