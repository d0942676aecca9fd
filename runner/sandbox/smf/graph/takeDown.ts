/**
 * An administrator's disable: dependents that must not outlive the instance go offline first, leaves before roots.
 * Read in illumos: startd/graph.c (graph_enable_by_vertex, mark_subtree, insubtree_dependents_down, offline_vertex).
 */
import type { Dependency } from './dependencies.ts'
import type { Vertices } from './vertices.ts'

export function disableByAdministrator(vertices: Vertices, fmri: string): void {
  const vertex = vertices.byFmri.get(fmri)
  if (!vertex) return
  vertex.goingOffline = true
  vertex.toDisable = true
  markDependents(vertices, fmri)
  takeOfflineLeaves(vertices)
}

function markDependents(vertices: Vertices, fmri: string): void {
  for (const { fmri: dependent, dependency } of vertices.dependents(fmri)) {
    const vertex = vertices.byFmri.get(dependent)
    if (!vertex || vertex.goingOffline || !takesDown(dependency)) continue
    if (!vertex.service.running && vertex.service.nextState !== 'online') continue
    vertex.goingOffline = true
    markDependents(vertices, dependent)
  }
}

/** Of the marked instances, stops those whose marked dependents are down. To be called again when one is down. */
export function takeOfflineLeaves(vertices: Vertices): void {
  for (const [fmri, vertex] of vertices.byFmri) {
    const { service } = vertex
    if (!vertex.goingOffline || !(service.running || vertex.toDisable)) continue
    const held = vertices.dependents(fmri).some(({ fmri: dependent, dependency }) => {
      const other = vertices.byFmri.get(dependent)
      return other?.goingOffline && other.service.running && takesDown(dependency)
    })
    if (held) continue
    if (vertex.toDisable) {
      vertex.toDisable = false
      service.send({ type: 'adminDisable' })
    } else if (service.nextState !== 'offline' && service.nextState !== 'disabled')
      service.send({ type: 'stop', resetRate: true })
  }
}

/** Whether a dependency's end, wished by an administrator, ends its dependent. */
function takesDown({ grouping, restartOn }: Dependency): boolean {
  const requires = grouping !== 'exclude_all' && grouping !== 'optional_all'
  return requires && (restartOn === 'restart' || restartOn === 'refresh')
}
