/**
 * svcadm enable -r: an instance and all that it needs.
 * Read in illumos: svcadm/svcadm.c (enable_fmri_rec).
 */
import { parseFmri } from '../fmri.ts'
import { entityInstances } from '../graph/dependencies.ts'
import type { Smf } from './command.ts'

export interface RecursiveEnabler {
  enable: (fmri: string) => void
  /** A line for standard error. */
  warn: (text: string) => void
  /** A line for standard output. */
  line: (text: string) => void
}

export function enableWithDependencies(smf: Smf, fmri: string, act: RecursiveEnabler): void {
  if (!visit(smf, fmri, act, new Map())) act.warn(`${fmri}: Dependency cycle detected.`)
}

/** False when the walk came upon an instance that it is still inside of. */
function visit(
  smf: Smf,
  fmri: string,
  act: RecursiveEnabler,
  visited: Map<string, 'inside' | 'done'>,
): boolean {
  const before = visited.get(fmri)
  if (before) return before === 'done'
  visited.set(fmri, 'inside')
  if (smf.repository.instanceOf(fmri)) act.enable(fmri)
  for (const { type, grouping, entities } of smf.startd.graph.dependencies(fmri)) {
    if (type === 'path' || grouping === 'exclude_all' || grouping === 'optional_all') continue
    const choices = entities.flatMap((e) => entityInstances(smf.startd.graph, e) ?? [e])
    if (grouping === 'require_any' && choices.filter((c) => smf.repository.instanceOf(c)).length > 1) {
      act.line(`${fmri} requires one of:`)
      for (const entity of entities) act.line(`  ${entity}`)
      continue
    }
    for (const entity of entities) {
      const instances = entityInstances(smf.startd.graph, entity) ?? [entity]
      if (parseFmri(entity)?.instance === undefined && instances.length > 1) {
        act.warn(`${fmri} depends on ${entity}, which has multiple instances.`)
        continue
      }
      for (const instance of instances) if (!visit(smf, instance, act, visited)) return false
    }
  }
  visited.set(fmri, 'done')
  return true
}
