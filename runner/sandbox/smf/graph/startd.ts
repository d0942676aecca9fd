/**
 * svc.startd's graph engine: which instances are to run, in which order they start and stop, and what one's
 * change of state means for those that depend on it.
 */
import type { World } from '../../world.ts'
import type { Contracts } from '../contracts.ts'
import { parseFmri, RESTARTER } from '../fmri.ts'
import { isEnabled, own, type Repository } from '../repository.ts'
import { type Fault, ServiceInstance } from '../restarter.ts'
import { statInWorld } from '../worldFiles.ts'
import {
  canonical,
  type Dependency,
  entityInstances,
  findCycle,
  type Graph,
  instanceVerdict,
  RESTART_ON,
  readDependencies,
  type State,
} from './dependencies.ts'

interface Vertex {
  service: ServiceInstance
  enabled: boolean
  /** Part of what an administrator's disable takes offline first. */
  goingOffline: boolean
  /** The one that is to be disabled when its dependents are down. */
  toDisable: boolean
  dependencies: Dependency[]
}

export type Action = 'restart' | 'refresh' | 'clear' | 'restore' | 'degrade' | 'maintain' | 'maintainNow'

export class Startd implements Graph {
  readonly #world: World
  readonly #repository: Repository
  readonly #contracts: Contracts
  readonly #vertices = new Map<string, Vertex>()
  #stopping = false

  constructor(parts: { world: World; repository: Repository; contracts: Contracts }) {
    this.#world = parts.world
    this.#repository = parts.repository
    this.#contracts = parts.contracts
  }

  /** Takes over all instances of the repository and starts what is enabled. */
  boot(): void {
    const fmris = [...this.#repository.instances()].map(({ fmri }) => fmri)
    for (const fmri of fmris) this.#add(fmri)
    for (const fmri of fmris) this.#configure(fmri)
    for (const fmri of fmris) this.#applyEnabled(fmri, false)
  }

  /** Stops everything that runs, dependents before what they depend on. What is enabled stays so. */
  async shutdown(): Promise<void> {
    this.#stopping = true
    const running = () => [...this.#vertices.entries()].filter(([, v]) => v.service.running)
    for (let rest = running(); rest.length > 0; rest = running()) {
      const leaves = rest.filter(
        ([fmri]) => !rest.some(([other]) => other !== fmri && this.#needs(other, fmri)),
      )
      const batch = leaves.length > 0 ? leaves : rest
      await Promise.all(
        batch.map(([, v]) => new Promise<void>((done) => v.service.send({ type: 'remove', done }))),
      )
      for (const [fmri] of batch) this.#vertices.delete(fmri)
    }
  }

  service(fmri: string): ServiceInstance | undefined {
    return this.#vertices.get(fmri)?.service
  }

  /** After an import or a refresh: the running snapshot is taken anew and read. */
  refresh(fmri: string): void {
    const name = parseFmri(fmri)
    if (name?.instance === undefined || !this.#repository.instanceOf(fmri)) return
    this.#repository.takeSnapshot(name.service, name.instance, 'running')
    this.#repository.changed()
    const known = this.#vertices.has(fmri)
    if (!known) this.#add(fmri)
    this.#configure(fmri)
    if (!this.#vertices.has(fmri)) return
    if (!known) this.#applyEnabled(fmri, false)
    this.#vertices.get(fmri)?.service.send({ type: 'refresh' })
    this.#startIfSatisfied(fmri)
    if (!known) this.#propagateStart(fmri)
  }

  /** After general/enabled or general_ovr/enabled was set by an administrator. */
  enabledChanged(fmri: string): void {
    if (!this.#vertices.has(fmri)) {
      this.#add(fmri)
      this.#configure(fmri)
    }
    this.#applyEnabled(fmri, true)
  }

  act(fmri: string, action: Action): void {
    const service = this.service(fmri)
    if (action === 'refresh') this.refresh(fmri)
    else if (action === 'maintain' || action === 'maintainNow')
      service?.send({
        type: 'maintain',
        reason: 'administrative_request',
        immediate: action === 'maintainNow',
      })
    else service?.send({ type: action })
  }

  /**
   * A milestone: instances that it does not need are disabled until the next boot or until 'all';
   * 'none' leaves nothing but the restarter.
   */
  goTo(milestone: string): void {
    const needed = new Set<string>([RESTARTER])
    if (milestone !== 'all' && milestone !== 'none') this.#collectNeeds(milestone, needed)
    for (const { fmri, entity } of this.#repository.instances()) {
      if (milestone === 'all' || needed.has(fmri)) delete entity.groups.general_ovr
      else if (isEnabled(entity.groups)) {
        const group = { name: 'general_ovr', type: 'framework', nonPersistent: true } as const
        this.#repository.set(entity.groups, group, 'enabled', { type: 'boolean', values: ['false'] })
      } else continue
      this.enabledChanged(fmri)
    }
    this.#repository.changed()
  }

  #collectNeeds(fmri: string, needed: Set<string>): void {
    if (needed.has(fmri)) return
    needed.add(fmri)
    for (const { grouping, type, entities } of this.dependencies(fmri))
      if (type === 'service' && grouping !== 'exclude_all')
        for (const entity of entities)
          for (const next of entityInstances(this, entity) ?? [canonical(entity)])
            this.#collectNeeds(next, needed)
  }

  /** The instance was deleted from the repository. */
  async remove(fmri: string): Promise<void> {
    const vertex = this.#vertices.get(fmri)
    if (!vertex) return
    this.#vertices.delete(fmri)
    const dependents = this.#dependents(fmri)
    await new Promise<void>((done) => vertex.service.send({ type: 'remove', done }))
    for (const { fmri: dependent } of dependents) this.#startIfSatisfied(dependent)
  }

  // Graph, as the decisions see it.

  instance(fmri: string): { state: State; enabled: boolean; goingOffline: boolean } | undefined {
    const vertex = this.#vertices.get(fmri)
    return (
      vertex && { state: vertex.service.state, enabled: vertex.enabled, goingOffline: vertex.goingOffline }
    )
  }

  instancesOf(service: string): string[] {
    return Object.keys(this.#repository.service(service)?.instances ?? {})
      .map((instance) => `svc:/${service}:${instance}`)
      .filter((fmri) => this.#vertices.has(fmri))
  }

  dependencies(fmri: string): Dependency[] {
    return this.#vertices.get(fmri)?.dependencies ?? []
  }

  fileExists(path: string): boolean {
    return statInWorld(this.#world.root, path) !== undefined
  }

  // Configuration.

  #add(fmri: string): void {
    const instance = this.#repository.instanceOf(fmri)
    // Without general/enabled the configuration is incomplete: nobody said whether it is to run.
    if (!instance || !own(own(instance.groups, 'general')?.properties ?? {}, 'enabled')) return
    const name = parseFmri(fmri)
    if (name?.instance !== undefined && !own(instance.snapshots, 'running'))
      this.#repository.takeSnapshot(name.service, name.instance, 'running')
    const service = new ServiceInstance(fmri, {
      world: this.#world,
      repository: this.#repository,
      contracts: this.#contracts,
      onState: (changed, old, fault) => this.#stateChanged(changed, old, fault),
    })
    this.#vertices.set(fmri, {
      service,
      enabled: false,
      goingOffline: false,
      toDisable: false,
      dependencies: [],
    })
  }

  #configure(fmri: string): void {
    const vertex = this.#vertices.get(fmri)
    const name = parseFmri(fmri)
    if (!vertex || !name) return
    const dependencies = readDependencies(this.#repository.composed(name, 'running'))
    vertex.dependencies = dependencies ?? []
    if (!dependencies)
      vertex.service.send({ type: 'maintain', reason: 'invalid_dependency', immediate: false })
    else if (findCycle(this, fmri)) {
      // The edge that would close the circle is not added, so that the others of the circle can go on.
      vertex.dependencies = []
      vertex.service.send({ type: 'maintain', reason: 'dependency_cycle', immediate: false })
    }
  }

  #applyEnabled(fmri: string, byAdministrator: boolean): void {
    const vertex = this.#vertices.get(fmri)
    const instance = this.#repository.instanceOf(fmri)
    if (!vertex || !instance) return
    vertex.enabled = isEnabled(instance.groups)
    const { service } = vertex
    if (vertex.enabled) {
      if (service.running || service.state === 'offline') return
      vertex.goingOffline = false
      vertex.toDisable = false
      service.send({ type: 'enable' })
      return
    }
    if (service.state === 'disabled') return
    if (!byAdministrator) {
      service.send({ type: 'disable' })
      return
    }
    vertex.goingOffline = true
    vertex.toDisable = true
    this.#markDependents(fmri)
    this.#takeOfflineLeaves()
  }

  /** Marks those that an administrator's disable of fmri takes down before it. */
  #markDependents(fmri: string): void {
    for (const { fmri: dependent, dependency } of this.#dependents(fmri)) {
      const vertex = this.#vertices.get(dependent)
      if (!vertex || vertex.goingOffline || !takesDown(dependency)) continue
      if (!vertex.service.running && vertex.service.nextState !== 'online') continue
      vertex.goingOffline = true
      this.#markDependents(dependent)
    }
  }

  /** Of the marked instances, stops those whose marked dependents are down. */
  #takeOfflineLeaves(): void {
    for (const [fmri, vertex] of this.#vertices) {
      if (!vertex.goingOffline || !(vertex.service.running || vertex.toDisable)) continue
      const held = this.#dependents(fmri).some(({ fmri: dependent, dependency }) => {
        const other = this.#vertices.get(dependent)
        return other?.goingOffline && other.service.running && takesDown(dependency)
      })
      if (held) continue
      if (vertex.toDisable) {
        vertex.toDisable = false
        vertex.service.send({ type: 'adminDisable' })
      } else if (vertex.service.nextState !== 'offline' && vertex.service.nextState !== 'disabled')
        vertex.service.send({ type: 'stop', resetRate: true })
    }
  }

  // Changes of state.

  #stateChanged(service: ServiceInstance, old: State, fault: Fault): void {
    const { fmri, state } = service
    const vertex = this.#vertices.get(fmri)
    if (!vertex || this.#stopping) return
    const wasRunning = old === 'online' || old === 'degraded'
    const wasGoingOffline = vertex.goingOffline
    if (!service.running) vertex.goingOffline = vertex.toDisable
    if (state === 'uninitialized') {
      this.#configure(fmri)
      service.send({ type: vertex.enabled ? 'enable' : 'disable' })
    } else if (state === 'offline') {
      if (!vertex.enabled) service.send({ type: 'disable' })
      else if (!wasGoingOffline) this.#startIfSatisfied(fmri)
      // The wish for it to stop is fulfilled; dependencies that still come down hold it by themselves.
    } else if (state === 'disabled' && vertex.enabled) service.send({ type: 'enable' })
    else if (service.running && !vertex.enabled) service.send({ type: 'disable' })
    else if (service.running && vertex.goingOffline) service.send({ type: 'stop', resetRate: true })

    if (service.running && !wasRunning) this.#started(fmri)
    else if (service.running && fault === 'refresh') this.#propagateStop(fmri, 'refresh')
    else if (wasRunning && !service.running) {
      if (wasGoingOffline) this.#takeOfflineLeaves()
      this.#propagateStop(fmri, fault)
      if (state === 'offline') this.#propagateStart(fmri)
    } else if (!service.running) this.#propagateStart(fmri)
  }

  #started(fmri: string): void {
    const name = parseFmri(fmri)
    if (name?.instance !== undefined) this.#repository.takeSnapshot(name.service, name.instance, 'start')
    for (const { fmri: dependent, dependency } of this.#dependents(fmri)) {
      if (dependency.grouping === 'exclude_all') this.#stopDependent(dependent, dependency, 'restart')
      else this.#startIfSatisfied(dependent)
    }
  }

  #propagateStop(fmri: string, fault: Fault): void {
    for (const { fmri: dependent, dependency } of this.#dependents(fmri)) {
      if (dependency.grouping === 'exclude_all') this.#startIfSatisfied(dependent)
      else this.#stopDependent(dependent, dependency, fault)
    }
  }

  #stopDependent(fmri: string, { restartOn }: Dependency, fault: Fault): void {
    if (fault === 'none' || RESTART_ON.indexOf(fault) > RESTART_ON.indexOf(restartOn)) return
    const service = this.service(fmri)
    if (service?.running) service.send({ type: 'stop', resetRate: fault !== 'error' })
  }

  /** Everything that may have become able to start, near or far: optional dependencies reach through others. */
  #propagateStart(fmri: string, seen = new Set<string>()): void {
    for (const { fmri: dependent } of this.#dependents(fmri)) {
      if (seen.has(dependent)) continue
      seen.add(dependent)
      this.#startIfSatisfied(dependent)
      this.#propagateStart(dependent, seen)
    }
  }

  #startIfSatisfied(fmri: string): void {
    const vertex = this.#vertices.get(fmri)
    if (!vertex?.enabled || vertex.service.state !== 'offline' || vertex.service.nextState !== undefined)
      return
    if (instanceVerdict(this, fmri) === 'satisfied') vertex.service.send({ type: 'start' })
  }

  #dependents(fmri: string): { fmri: string; dependency: Dependency }[] {
    const service = parseFmri(fmri)?.service
    const result: { fmri: string; dependency: Dependency }[] = []
    for (const [other, { dependencies }] of this.#vertices)
      for (const dependency of dependencies)
        if (
          dependency.type === 'service' &&
          dependency.entities.some(
            (e) =>
              canonical(e) === fmri ||
              (parseFmri(e)?.service === service && parseFmri(e)?.instance === undefined),
          )
        )
          result.push({ fmri: other, dependency })
    return result
  }

  #needs(dependent: string, fmri: string): boolean {
    return this.#dependents(fmri).some((d) => d.fmri === dependent && d.dependency.grouping !== 'exclude_all')
  }
}

/** Whether a dependency's end, wished by an administrator, ends its dependent. */
function takesDown({ grouping, restartOn }: Dependency): boolean {
  return (
    grouping !== 'exclude_all' &&
    grouping !== 'optional_all' &&
    (restartOn === 'restart' || restartOn === 'refresh')
  )
}
