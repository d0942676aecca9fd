/** Recorded files that a host does not have as recorded -> what is done about it, and how that is said. Pure. */
import type { FileDamage } from '../probe/facts.ts'
import { serviceComponent } from '../receipts/receipt.ts'

export interface RecipeDamage {
  /** Of what was built: put back from a package, or built. */
  files: FileDamage[]
  /** Of the definitions of its services, and configuration files that are gone: nothing is compiled for those. */
  others: FileDamage[]
}

/** Of a reason; the rest is counted. */
const NAMED = 3

export function damageOf(recipe: string, damage: readonly FileDamage[]): RecipeDamage {
  if (damage.length === 0) return { files: [], others: [] }
  const own = damage.filter(({ component }) => component === recipe)
  const services = damage.filter(({ component }) => component === serviceComponent(recipe))
  return {
    files: own.filter(({ what }) => what !== 'configuration'),
    others: [...services, ...own.filter(({ what }) => what === 'configuration')],
  }
}

/** "2 recorded files are missing: bin/a, lib/b", "1 recorded file was changed: bin/c (size)". */
export function damageReasons(damage: readonly FileDamage[]): string[] {
  const gone = damage.filter(({ what }) => what === 'missing')
  const changed = damage.filter(({ what }) => what !== 'missing' && what !== 'configuration')
  const configuration = damage.filter(({ what }) => what === 'configuration')
  return [
    ...reason(gone, ['recorded file is missing', 'recorded files are missing'], ({ path }) => path),
    ...reason(
      changed,
      ['recorded file was changed', 'recorded files were changed'],
      ({ path, what }) => `${path} (${what})`,
    ),
    ...reason(
      configuration,
      ['configuration file is missing', 'configuration files are missing'],
      ({ path }) => path,
    ),
  ]
}

function reason(
  found: readonly FileDamage[],
  [one, several]: [string, string],
  name: (damage: FileDamage) => string,
): string[] {
  if (found.length === 0) return []
  const more = found.length - NAMED
  const names = found.slice(0, more > 1 ? NAMED : found.length).map(name)
  const rest = more > 1 ? ` and ${more} more` : ''
  return [`${found.length} ${found.length === 1 ? one : several}: ${names.join(', ')}${rest}`]
}
