/** Services that recipes are to bring and that a host has already, by another recipe or by nobody of ours. Pure. */
import type { Build } from '../desired/build.ts'
import { BuildStackError } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'
import type { Supervisor } from '../services/supervisor.ts'

type Bringer = Pick<Build, 'recipe' | 'version' | 'services'>

/** @throws BuildStackError CONFIG for a service that a recipe has which is installed and not wanted. */
export function requireFreeNames(
  builds: readonly Bringer[],
  { receipts }: Pick<Facts, 'receipts'>,
  supervisor: Pick<Supervisor, 'identifier'>,
  host: string,
): void {
  const wanted = new Set(builds.map(({ recipe }) => recipe))
  const others = Object.values(receipts).filter(({ recipe }) => !wanted.has(recipe))
  for (const { recipe, version, services } of builds) {
    for (const service of services) {
      const identifier = supervisor.identifier(service)
      const other = others.find((receipt) => receipt.services.some(({ fmri }) => fmri === identifier))
      if (!other) continue
      throw new BuildStackError('CONFIG', `${identifier} is that of ${other.recipe}, which is installed`, {
        ...{ host, recipe: `${recipe} ${version}` },
        next: `build-stack remove ${host} ${other.recipe}, or give one of the two another name`,
      })
    }
  }
}

/** Services that the plan's recipes bring and that are there already, of no receipt: a run refuses them before it stops anything. */
export function strangers(
  builds: readonly Pick<Build, 'recipe' | 'services'>[],
  { receipts, damagedReceipts, services }: Pick<Facts, 'receipts' | 'damagedReceipts' | 'services'>,
  supervisor: Pick<Supervisor, 'identifier'>,
): { recipe: string; fmri: string }[] {
  const recorded = new Set(
    Object.values(receipts).flatMap((receipt) => receipt.services.map(({ fmri }) => fmri)),
  )
  const there = new Set(services.map(({ fmri }) => fmri))
  return builds.flatMap(({ recipe, services: brought }) => {
    // Nobody knows what the recipe had.
    if (recipe in damagedReceipts) return []
    return brought
      .map((service) => supervisor.identifier(service))
      .filter((fmri) => there.has(fmri) && !recorded.has(fmri))
      .map((fmri) => ({ recipe, fmri }))
  })
}
