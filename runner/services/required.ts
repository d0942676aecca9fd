/** Which services of recipes a service requires. Pure. */
import type { BuildService } from '../desired/build.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { NAMESPACE } from './smfNames.ts'

const OURS = `svc:/${NAMESPACE}/`

/** Their names: "mysql/mysql" and "svc:/application/build-stack/mysql:default" are mysql. */
export function requiredNames({ requires }: Pick<BuildService, 'requires'>): string[] {
  return requires.flatMap((name) => {
    if (name.startsWith(OURS)) return name.slice(OURS.length).replace(/:.*/, '')
    return name.startsWith('svc:/') || !name.includes('/') ? [] : name.slice(name.indexOf('/') + 1)
  })
}

/** Recipes whose services those of this one require, as receipts have it. */
export function requiredRecipes(
  { recipe, services }: Pick<Receipt, 'recipe' | 'services'>,
  receipts: Readonly<Record<string, Pick<Receipt, 'recipe' | 'services'>>>,
): string[] {
  const required = services.flatMap(({ requires = [] }) => requires)
  if (required.length === 0) return []
  return Object.values(receipts).flatMap((other) => {
    const has = other.services.some(({ fmri }) => required.includes(fmri))
    return has && other.recipe !== recipe ? other.recipe : []
  })
}
