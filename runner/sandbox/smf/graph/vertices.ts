/**
 * The instances that svc.startd has taken over, and who depends on whom.
 * Read in illumos: startd/graph.c (graph_insert_vertex_unconfigured, dgraph_add_instance).
 */
import { parseFmri } from '../fmri.ts'
import type { Repository } from '../repository.ts'
import type { ServiceInstance } from '../restarter/instance.ts'
import { canonical, type Dependency, entityInstances, type Graph, type State } from './dependencies.ts'

export interface Vertex {
  service: ServiceInstance
  enabled: boolean
  /** Part of what an administrator's disable takes offline first. */
  goingOffline: boolean
  /** The one that is to be disabled when its dependents are down. */
  toDisable: boolean
  dependencies: Dependency[]
}

export interface Dependent {
  fmri: string
  dependency: Dependency
}

export class Vertices implements Graph {
  readonly byFmri = new Map<string, Vertex>()
  readonly #repository: Repository
  readonly #fileExists: (path: string) => boolean

  constructor(repository: Repository, fileExists: (path: string) => boolean) {
    this.#repository = repository
    this.#fileExists = fileExists
  }

  instance(fmri: string): { state: State; enabled: boolean; goingOffline: boolean } | undefined {
    const vertex = this.byFmri.get(fmri)
    return (
      vertex && { state: vertex.service.state, enabled: vertex.enabled, goingOffline: vertex.goingOffline }
    )
  }

  instancesOf(service: string): string[] {
    return Object.keys(this.#repository.service(service)?.instances ?? {})
      .map((instance) => `svc:/${service}:${instance}`)
      .filter((fmri) => this.byFmri.has(fmri))
  }

  dependencies(fmri: string): Dependency[] {
    return this.byFmri.get(fmri)?.dependencies ?? []
  }

  fileExists(path: string): boolean {
    return this.#fileExists(path)
  }

  /** Those that name the instance, or its service as a whole, in a dependency. */
  dependents(fmri: string): Dependent[] {
    const service = `svc:/${parseFmri(fmri)?.service}`
    const result: Dependent[] = []
    for (const [other, { dependencies }] of this.byFmri)
      for (const dependency of dependencies) {
        const names = dependency.type === 'service' ? dependency.entities.map(canonical) : []
        if (names.includes(fmri) || names.includes(service)) result.push({ fmri: other, dependency })
      }
    return result
  }

  needs(dependent: string, fmri: string): boolean {
    return this.dependents(fmri).some((d) => d.fmri === dependent && d.dependency.grouping !== 'exclude_all')
  }

  /** Adds to needed what fmri depends on, near and far. */
  collectNeeds(fmri: string, needed: Set<string>): void {
    if (needed.has(fmri)) return
    needed.add(fmri)
    for (const { grouping, type, entities } of this.dependencies(fmri))
      if (type === 'service' && grouping !== 'exclude_all')
        for (const entity of entities)
          for (const next of entityInstances(this, entity) ?? [canonical(entity)])
            this.collectNeeds(next, needed)
  }
}
