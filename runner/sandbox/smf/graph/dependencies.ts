/**
 * Dependencies of instances: reading them, deciding whether they are satisfied, finding cycles. Pure.
 * Read in illumos: startd/graph.c (process_dependency_pg, process_dependency_fmri, require_all_satisfied,
 * require_any_satisfied, optional_all_satisfied, exclude_all_satisfied, dependency_satisfied, is_path_to), smf(7).
 */
import { filePath, instanceFmri, parseFmri } from '../fmri.ts'
import { type Groups, own } from '../repository.ts'

export const GROUPINGS = ['require_all', 'require_any', 'optional_all', 'exclude_all'] as const
/** In the order of severity: a fault of rank n makes dependents with restart_on of rank >= n stop. */
export const RESTART_ON = ['none', 'error', 'restart', 'refresh'] as const

export type Grouping = (typeof GROUPINGS)[number]
export type RestartOn = (typeof RESTART_ON)[number]

export interface Dependency {
  name: string
  grouping: Grouping
  restartOn: RestartOn
  type: 'service' | 'path'
  entities: string[]
}

export type State = 'uninitialized' | 'disabled' | 'offline' | 'online' | 'degraded' | 'maintenance'

/** What the decisions look at. */
export interface Graph {
  /** undefined when the instance is not configured. */
  instance(fmri: string): { state: State; enabled: boolean; goingOffline: boolean } | undefined
  /** FMRIs of a service's configured instances. */
  instancesOf(service: string): string[]
  /** Of a configured instance. */
  dependencies(fmri: string): Dependency[]
  fileExists(path: string): boolean
}

/** Satisfied now, not yet, or not without an administrator. */
export type Verdict = 'satisfied' | 'unsatisfied' | 'unsatisfiable'

/** The dependencies in composed groups, or undefined when one of them makes no sense. */
export function readDependencies(groups: Groups): Dependency[] | undefined {
  const result: Dependency[] = []
  for (const [name, group] of Object.entries(groups)) {
    if (group.type !== 'dependency') continue
    const first = (property: string) => own(group.properties, property)?.values[0]
    const grouping = GROUPINGS.find((g) => g === first('grouping'))
    const restartOn = RESTART_ON.find((r) => r === first('restart_on'))
    const type = first('type')
    const entities = own(group.properties, 'entities')?.values
    if (!grouping || !restartOn || !entities || (type !== 'service' && type !== 'path')) return undefined
    const valid = type === 'path' ? isFile : isEntity
    if (!entities.every(valid)) return undefined
    result.push({ name, grouping, restartOn, type, entities })
  }
  return result
}

function isFile(fmri: string): boolean {
  return filePath(fmri) !== undefined
}

function isEntity(fmri: string): boolean {
  const parsed = parseFmri(fmri)
  return parsed !== undefined && parsed.group === undefined
}

/** All dependencies of an instance together. */
export function instanceVerdict(graph: Graph, fmri: string, seen: ReadonlySet<string> = new Set()): Verdict {
  if (seen.has(fmri)) return 'unsatisfied'
  const inside = new Set([...seen, fmri])
  return all(graph.dependencies(fmri).map((d) => dependencyVerdict(graph, d, inside)))
}

export function dependencyVerdict(graph: Graph, dependency: Dependency, seen: ReadonlySet<string>): Verdict {
  const { grouping, entities } = dependency
  switch (grouping) {
    case 'require_all':
      return all(entities.map((e) => entityVerdict(graph, e, seen)))
    case 'require_any':
      return any(entities.map((e) => entityVerdict(graph, e, seen)))
    case 'optional_all':
      return all(entities.map((e) => optionalVerdict(graph, e, seen)))
    case 'exclude_all':
      return all(entities.map((e) => exclusionVerdict(graph, e)))
  }
}

function all(verdicts: Verdict[]): Verdict {
  if (verdicts.includes('unsatisfiable')) return 'unsatisfiable'
  return verdicts.includes('unsatisfied') ? 'unsatisfied' : 'satisfied'
}

function any(verdicts: Verdict[]): Verdict {
  if (verdicts.length === 0 || verdicts.includes('satisfied')) return 'satisfied'
  return verdicts.includes('unsatisfied') ? 'unsatisfied' : 'unsatisfiable'
}

function entityVerdict(graph: Graph, entity: string, seen: ReadonlySet<string>): Verdict {
  const path = filePath(entity)
  if (path !== undefined) return graph.fileExists(path) ? 'satisfied' : 'unsatisfiable'
  const instances = entityInstances(graph, entity)
  if (!instances) return runningVerdict(graph, entity, seen)
  return instances.length === 0 ? 'unsatisfiable' : any(instances.map((i) => runningVerdict(graph, i, seen)))
}

/** The instances that a service FMRI stands for; undefined for an instance FMRI. */
export function entityInstances(graph: Graph, entity: string): string[] | undefined {
  const parsed = parseFmri(entity)
  return parsed && parsed.instance === undefined ? graph.instancesOf(parsed.service) : undefined
}

function runningVerdict(graph: Graph, fmri: string, seen: ReadonlySet<string>): Verdict {
  const instance = graph.instance(canonical(fmri))
  if (!instance || instance.goingOffline) return 'unsatisfiable'
  switch (instance.state) {
    case 'online':
    case 'degraded':
      return 'satisfied'
    case 'offline':
      return instanceVerdict(graph, canonical(fmri), seen) === 'unsatisfiable'
        ? 'unsatisfiable'
        : 'unsatisfied'
    case 'uninitialized':
      return 'unsatisfied'
    case 'disabled':
    case 'maintenance':
      return 'unsatisfiable'
  }
}

/** Only what is enabled and able to run counts. */
function optionalVerdict(graph: Graph, entity: string, seen: ReadonlySet<string>): Verdict {
  const path = filePath(entity)
  if (path !== undefined) return graph.fileExists(path) ? 'satisfied' : 'unsatisfiable'
  const instances = (entityInstances(graph, entity) ?? [canonical(entity)]).filter((fmri) => {
    const instance = graph.instance(fmri)
    return instance?.enabled && instance.state !== 'maintenance' && !instance.goingOffline
  })
  return any(
    instances.map((fmri) => {
      const state = graph.instance(fmri)?.state
      if (state === 'disabled') return 'unsatisfied'
      const verdict = runningVerdict(graph, fmri, seen)
      return state === 'offline' && verdict === 'unsatisfiable' ? 'satisfied' : verdict
    }),
  )
}

function exclusionVerdict(graph: Graph, entity: string): Verdict {
  const path = filePath(entity)
  if (path !== undefined) return graph.fileExists(path) ? 'unsatisfiable' : 'satisfied'
  const verdicts = (entityInstances(graph, entity) ?? [canonical(entity)]).map((fmri): Verdict => {
    const instance = graph.instance(fmri)
    if (!instance || instance.state === 'disabled' || instance.state === 'maintenance') return 'satisfied'
    const running = instance.state === 'online' || instance.state === 'degraded'
    return running && instance.enabled ? 'unsatisfiable' : 'unsatisfied'
  })
  return all(verdicts)
}

export function canonical(fmri: string): string {
  const parsed = parseFmri(fmri)
  return parsed?.instance === undefined ? fmri : instanceFmri(parsed.service, parsed.instance)
}

/** A path from the instance back to itself, as FMRIs; undefined when there is none. Exclusions of its own do not count. */
export function findCycle(graph: Graph, fmri: string): string[] | undefined {
  const visited = new Set<string>()
  const walk = (at: string, path: string[]): string[] | undefined => {
    for (const dependency of graph.dependencies(at)) {
      if (dependency.type === 'path' || (at === fmri && dependency.grouping === 'exclude_all')) continue
      for (const entity of dependency.entities) {
        for (const next of entityInstances(graph, entity) ?? [canonical(entity)]) {
          if (next === fmri) return [...path, next]
          if (visited.has(next) || !graph.instance(next)) continue
          visited.add(next)
          const found = walk(next, [...path, next])
          if (found) return found
        }
      }
    }
    return undefined
  }
  return walk(fmri, [fmri])
}
