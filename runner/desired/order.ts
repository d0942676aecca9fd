/** The order of building: what is needed comes before what needs it. */
import { BuildStackError, type Location } from '../errors.ts'

/** One recipe needs another; `locate` says where its file says so (asked only for an error: it takes a search). */
export interface Need {
  name: string
  locate: () => Location
}

/**
 * The names and all they need, each once: needed ones first, otherwise in the order given. Throws DEPENDENCY
 * with the path when recipes need each other.
 */
export function buildOrder(names: Iterable<string>, needsOf: (name: string) => Need[]): string[] {
  const done = new Set<string>()
  const path: { name: string; need?: Need }[] = []

  function visit(name: string): void {
    if (done.has(name)) return
    const start = path.findIndex((entry) => entry.name === name)
    if (start >= 0) throw cycleError(path.slice(start))
    const entry: (typeof path)[number] = { name }
    path.push(entry)
    for (const need of needsOf(name)) {
      entry.need = need
      visit(need.name)
    }
    path.pop()
    done.add(name)
  }

  for (const name of names) visit(name)
  return [...done]
}

function cycleError(cycle: { name: string; need?: Need }[]): BuildStackError {
  const names = cycle.map((entry) => entry.name)
  const places = cycle.flatMap(({ name, need }) => {
    if (!need) return []
    const { file, line, column } = need.locate()
    return [`${name} needs ${need.name} (${file}:${line}:${column})`]
  })
  const location = cycle[0]?.need?.locate()
  return new BuildStackError(
    'DEPENDENCY',
    `recipes need each other: ${[...names, names[0]].join(' -> ')}; ${places.join(', ')}`,
    { ...(location && { location }), next: 'Remove one of these dependencies.' },
  )
}
