/**
 * Whether an instance can ever come online as things are: what svcadm -s asks while it waits.
 * Read in illumos: svcadm/synch.c (has_potential, fmri_has_potential, inst_has_potential, file_has_potential).
 */
import { filePath } from '../fmri.ts'
import { canonical, type Dependency, entityInstances, type Graph } from '../graph/dependencies.ts'

export function hasPotential(graph: Graph, fmri: string, seen: ReadonlySet<string> = new Set()): boolean {
  if (seen.has(fmri)) return true
  const inside = new Set([...seen, fmri])
  return graph.dependencies(fmri).every((dependency) => {
    const { grouping, entities } = dependency
    if (grouping === 'require_any')
      return entities.length === 0 || entities.some((e) => entityHasPotential(graph, dependency, e, inside))
    return entities.every((e) => entityHasPotential(graph, dependency, e, inside))
  })
}

function entityHasPotential(
  graph: Graph,
  { grouping }: Dependency,
  entity: string,
  seen: ReadonlySet<string>,
): boolean {
  const path = filePath(entity)
  if (path !== undefined) return graph.fileExists(path) !== (grouping === 'exclude_all')
  const verdicts = (entityInstances(graph, entity) ?? [canonical(entity)])
    .filter((instance) => graph.instance(instance))
    .map((instance) => verdict(graph, grouping, instance, seen))
  // What is not there may still come; svcadm takes it so, and waits.
  if (verdicts.length === 0) return true
  return grouping === 'optional_all' || grouping === 'exclude_all'
    ? !verdicts.includes(false)
    : verdicts.includes(true)
}

/** Of one instance: does it fulfil, or leave alone, a dependency of this kind? */
function verdict(
  graph: Graph,
  grouping: Dependency['grouping'],
  fmri: string,
  seen: ReadonlySet<string>,
): boolean {
  const { state, enabled } = graph.instance(fmri) ?? { state: 'uninitialized', enabled: false }
  const weakly = grouping === 'optional_all' || grouping === 'exclude_all'
  if (!enabled || state === 'maintenance') return weakly
  if (grouping === 'exclude_all') return false
  if (grouping === 'optional_all' && state === 'offline') return true
  return state === 'online' || state === 'degraded' || hasPotential(graph, fmri, seen)
}
