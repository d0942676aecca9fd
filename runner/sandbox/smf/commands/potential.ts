/** Whether an instance can ever come online as things are: what svcadm -s asks while it waits. */

import { filePath } from '../fmri.ts'
import { type Dependency, entityInstances } from '../graph/dependencies.ts'
import type { Smf } from './command.ts'

export function hasPotential(smf: Smf, fmri: string, seen: ReadonlySet<string> = new Set()): boolean {
  if (seen.has(fmri)) return true
  const inside = new Set([...seen, fmri])
  return smf.startd.graph.dependencies(fmri).every((dependency) => {
    const { grouping, entities } = dependency
    if (grouping === 'require_any')
      return entities.length === 0 || entities.some((e) => entityHasPotential(smf, dependency, e, inside))
    return entities.every((e) => entityHasPotential(smf, dependency, e, inside))
  })
}

function entityHasPotential(
  smf: Smf,
  { grouping }: Dependency,
  entity: string,
  seen: ReadonlySet<string>,
): boolean {
  const excluded = grouping === 'exclude_all'
  const path = filePath(entity)
  if (path !== undefined) return smf.startd.graph.fileExists(path) !== excluded
  const instances = entityInstances(smf.startd.graph, entity) ?? [entity]
  const able = instances.map((fmri) => canRun(smf, fmri, seen))
  if (excluded) return able.every((can) => !can)
  if (grouping === 'optional_all') return true
  return able.some((can) => can)
}

function canRun(smf: Smf, fmri: string, seen: ReadonlySet<string>): boolean {
  const instance = smf.startd.graph.instance(fmri)
  if (!instance?.enabled || instance.state === 'maintenance') return false
  return instance.state === 'online' || instance.state === 'degraded' || hasPotential(smf, fmri, seen)
}
