/**
 * Why instances do not run: the instances at the root of it, absent dependencies, and who is hurt. Pure.
 * Read in illumos: svcs/explain.c (determine_causes, add_causes, print_dependency_reasons).
 */
import { filePath } from '../fmri.ts'
import { canonical, type Dependency, entityInstances, type Graph } from './dependencies.ts'

export interface Causes {
  /** Instances at the root, each with the next instance on the way to it; itself for a cause of its own. */
  roots: Map<string, string>
  /** FMRIs that are not there. */
  absent: string[]
}

/** nextState tells whether an instance is moving. */
export interface CauseGraph extends Graph {
  isMoving(fmri: string): boolean
}

export class CauseFinder {
  readonly #graph: CauseGraph
  readonly #known = new Map<string, Causes>()
  /** Direct dependents that an instance holds back. */
  readonly #held = new Map<string, Set<string>>()

  /** Looks at all of fmris at once: an instance's impact is only known then. */
  constructor(graph: CauseGraph, fmris: Iterable<string>) {
    this.#graph = graph
    for (const fmri of fmris) this.of(fmri)
  }

  of(fmri: string): Causes {
    const known = this.#known.get(fmri)
    if (known) return known
    const causes: Causes = { roots: new Map(), absent: [] }
    // Known before it is complete, so that a cycle ends here.
    this.#known.set(fmri, causes)
    const instance = this.#graph.instance(fmri)
    if (instance?.state === 'offline' && !this.#graph.isMoving(fmri))
      for (const dependency of this.#graph.dependencies(fmri)) this.#add(fmri, causes, dependency)
    if (causes.roots.size === 0) causes.roots.set(fmri, fmri)
    return causes
  }

  /** Instances that do not run because of this one, near and far. */
  impact(fmri: string): string[] {
    const result = new Set<string>()
    const walk = (at: string) => {
      for (const next of this.#held.get(at) ?? []) {
        if (result.has(next)) continue
        result.add(next)
        walk(next)
      }
    }
    walk(fmri)
    return [...result]
  }

  /** Instances worth showing unasked: ill, or holding back others, or held back by nobody but themselves. */
  roots(): string[] {
    const result = new Set<string>()
    for (const [fmri, { roots }] of this.#known) {
      const instance = this.#graph.instance(fmri)
      if (instance?.state === 'maintenance') result.add(fmri)
      else if (instance?.state === 'disabled' && instance.enabled) result.add(fmri)
      else if (instance?.state === 'offline') for (const root of roots.keys()) result.add(root)
    }
    return [...result]
  }

  #add(fmri: string, causes: Causes, dependency: Dependency): void {
    const { grouping, entities } = dependency
    if (dependency.type === 'path') this.#addPaths(causes, dependency)
    else if (grouping === 'require_any') {
      const groups = entities.map((e) => this.#instances(e))
      if (groups.flat().some((i) => this.#isRunning(i))) return
      for (const [index, instances] of groups.entries())
        if (instances.length === 0) causes.absent.push(entities[index] ?? '')
        else for (const instance of instances) this.#inherit(fmri, causes, instance)
    } else
      for (const entity of entities) {
        const instances = this.#instances(entity)
        const running = instances.filter((i) => this.#isRunning(i))
        if (grouping === 'exclude_all') for (const i of running) causes.roots.set(i, i)
        else if (grouping === 'optional_all') {
          const held = instances.filter((i) => this.#mayCome(i))
          for (const i of held) this.#inherit(fmri, causes, i)
        } else if (instances.length === 0) causes.absent.push(entity)
        else if (running.length === 0) for (const i of instances) this.#inherit(fmri, causes, i)
      }
  }

  #addPaths(causes: Causes, { grouping, entities }: Dependency): void {
    const there = entities.filter((e) => this.#graph.fileExists(filePath(e) ?? ''))
    const missing = entities.filter((e) => !there.includes(e))
    if (grouping === 'exclude_all') causes.absent.push(...there)
    else if (grouping !== 'require_any' || there.length === 0) causes.absent.push(...missing)
  }

  #inherit(fmri: string, causes: Causes, from: string): void {
    const held = this.#held.get(from) ?? new Set()
    this.#held.set(from, held.add(fmri))
    for (const root of this.of(from).roots.keys()) if (!causes.roots.has(root)) causes.roots.set(root, from)
  }

  /** Instances that an entity stands for and that are there. */
  #instances(entity: string): string[] {
    const instances = entityInstances(this.#graph, entity) ?? [canonical(entity)]
    return instances.filter((i) => this.#graph.instance(i))
  }

  #isRunning(fmri: string): boolean {
    const state = this.#graph.instance(fmri)?.state
    return state === 'online' || state === 'degraded'
  }

  #mayCome(fmri: string): boolean {
    const instance = this.#graph.instance(fmri)
    return instance?.enabled === true && instance.state !== 'maintenance' && !this.#isRunning(fmri)
  }
}
