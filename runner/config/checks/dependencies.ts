/** Dependencies name recipes that exist and ranges that can be read; so do the conditions on the version. */
import type { BuildStackError } from '../../errors.ts'
import type { Path } from '../document.ts'
import { suggestion } from '../suggest.ts'
import { validRange } from '../version.ts'
import { type Check, faultAt } from './check.ts'

export const checkDependencies: Check = ({ recipe, blocks, document, recipeNames }) => {
  const faults: BuildStackError[] = []
  for (const { path: base, fields } of blocks) {
    for (const [name, entry] of Object.entries(fields.dependencies ?? {})) {
      const path = [...base, 'dependencies', name]
      if (name === recipe.name) {
        faults.push(faultAt(document, path, 'a recipe cannot need itself', { part: 'key' }))
      } else if (!recipeNames.includes(name)) {
        const message = `there is no recipe "${name}"${suggestion(name, recipeNames, 'there are')}`
        faults.push(faultAt(document, path, message, { part: 'key' }))
      }
      const range = typeof entry === 'string' ? entry : entry.version
      if (!validRange(range)) {
        const place = typeof entry === 'string' ? path : [...path, 'version']
        faults.push(faultAt(document, place, `"${range}" is not a range of versions`, { next: RANGES }))
      }
    }
  }
  return [...faults, ...conditionFaults(recipe, [], document)]
}

export const RANGES = 'Write for example 1.6.18, ^1.6, ">=0.9.7l <0.9.8", 5.0.x or "*".'

type Document = Parameters<typeof faultAt>[0]

/** Conditions stand in many places of a recipe; all of them are called `when`. */
function conditionFaults(value: unknown, path: Path, document: Document): BuildStackError[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key]
    if (key !== 'when') return conditionFaults(item, here, document)
    const range: unknown = (item as { version?: unknown } | null)?.version
    if (typeof range !== 'string' || validRange(range)) return []
    const message = `"${range}" is not a range of versions`
    return [faultAt(document, [...here, 'version'], message, { next: RANGES })]
  })
}
