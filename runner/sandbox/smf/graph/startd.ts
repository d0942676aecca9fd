/**
 * svc.startd's graph engine: which instances are to run, in which order they start and stop, and what one's
 * change of state means for those that depend on it.
 * Read in illumos: startd/transition.c (gt_enter_*) and graph.c (propagate_start, propagate_stop, propagate_satbility,
 * graph_start_if_satisfied, graph_enable_by_vertex, refresh_vertex). That restart_on none spares a dependent of an
 * exclusion is from smf(7): propagate_start does not look at it.
 */
import type { World } from '../../world.ts'
import type { Contracts } from '../contracts.ts'
import { parseFmri } from '../fmri.ts'
import { isEnabled, own, type Repository } from '../repository.ts'
import type { Fault } from '../restarter/events.ts'
import { ServiceInstance } from '../restarter/instance.ts'
import { statInWorld } from '../worldFiles.ts'
import {
  type Dependency,
  findCycle,
  instanceVerdict,
  RESTART_ON,
  readDependencies,
  type State,
} from './dependencies.ts'
import { disableByAdministrator, takeOfflineLeaves } from './takeDown.ts'
import { Vertices } from './vertices.ts'

/** How often, at a shutdown, what a method has forked meanwhile is ended too. */
const HALT_MILLISECONDS = 50

export type Action = 'restart' | 'refresh' | 'clear' | 'restore' | 'degrade' | 'maintain' | 'maintainNow'

export class Startd {
  readonly #world: World
  readonly #repository: Repository
  readonly #contracts: Contracts
  /** Whether instances can run and what holds them back. */
  readonly graph: Vertices
  #stopping = false
  readonly #halt = new AbortController()

  constructor(parts: { world: World; repository: Repository; contracts: Contracts }) {
    this.#world = parts.world
    this.#repository = parts.repository
    this.#contracts = parts.contracts
    this.graph = new Vertices(parts.repository, (path) => statInWorld(parts.world.root, path) !== undefined)
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
    const running = () => [...this.graph.byFmri.entries()].filter(([, v]) => v.service.running)
    for (let rest = running(); rest.length > 0; rest = running()) {
      const leaves = rest.filter(
        ([fmri]) => !rest.some(([other]) => other !== fmri && this.graph.needs(other, fmri)),
      )
      const batch = leaves.length > 0 ? leaves : rest
      await Promise.all(
        batch.map(([, v]) => new Promise<void>((done) => v.service.send({ type: 'remove', done }))),
      )
      for (const [fmri] of batch) this.graph.byFmri.delete(fmri)
    }
    await this.#haltRest()
  }

  /** What starts, waits to be tried again or hangs in a method is not waited for: the machine goes down with it. */
  async #haltRest(): Promise<void> {
    this.#halt.abort()
    const rest = [...this.graph.byFmri.values()]
    const killing = setInterval(() => this.#contracts.killAll(), HALT_MILLISECONDS)
    this.#contracts.killAll()
    await Promise.all(rest.map((v) => new Promise<void>((done) => v.service.send({ type: 'remove', done }))))
    clearInterval(killing)
    this.graph.byFmri.clear()
  }

  service(fmri: string): ServiceInstance | undefined {
    return this.graph.byFmri.get(fmri)?.service
  }

  /** After an import or a refresh: the running snapshot is taken anew and read. */
  refresh(fmri: string): void {
    const name = parseFmri(fmri)
    if (name?.instance === undefined || !this.#repository.instanceOf(fmri)) return
    this.#repository.takeSnapshot(name.service, name.instance, 'running')
    this.#repository.changed()
    const known = this.graph.byFmri.has(fmri)
    if (!known) this.#add(fmri)
    this.#configure(fmri)
    if (!this.graph.byFmri.has(fmri)) return
    if (!known) this.#applyEnabled(fmri, false)
    this.graph.byFmri.get(fmri)?.service.send({ type: 'refresh' })
    this.#startIfSatisfied(fmri)
    if (!known) this.#propagateStart(fmri)
  }

  /** After general/enabled or general_ovr/enabled was set by an administrator. */
  enabledChanged(fmri: string): void {
    if (!this.graph.byFmri.has(fmri)) {
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

  /** The instance was deleted from the repository. */
  async remove(fmri: string): Promise<void> {
    const vertex = this.graph.byFmri.get(fmri)
    if (!vertex) return
    this.graph.byFmri.delete(fmri)
    const dependents = this.graph.dependents(fmri)
    await new Promise<void>((done) => vertex.service.send({ type: 'remove', done }))
    for (const { fmri: dependent } of dependents) this.#startIfSatisfied(dependent)
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
      halt: this.#halt.signal,
      onState: (changed, old, fault) => this.#stateChanged(changed, old, fault),
    })
    this.graph.byFmri.set(fmri, {
      service,
      enabled: false,
      goingOffline: false,
      toDisable: false,
      dependencies: [],
    })
  }

  #configure(fmri: string): void {
    const vertex = this.graph.byFmri.get(fmri)
    const name = parseFmri(fmri)
    if (!vertex || !name) return
    const dependencies = readDependencies(this.#repository.composed(name, 'running'))
    vertex.dependencies = dependencies ?? []
    if (!dependencies)
      vertex.service.send({ type: 'maintain', reason: 'invalid_dependency', immediate: false })
    else if (findCycle(this.graph, fmri)) {
      // The edge that would close the circle is not added, so that the others of the circle can go on.
      vertex.dependencies = []
      vertex.service.send({ type: 'maintain', reason: 'dependency_cycle', immediate: false })
    }
  }

  #applyEnabled(fmri: string, byAdministrator: boolean): void {
    const vertex = this.graph.byFmri.get(fmri)
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
    disableByAdministrator(this.graph, fmri)
  }

  // Changes of state.

  #stateChanged(service: ServiceInstance, old: State, fault: Fault): void {
    const { fmri, state } = service
    const vertex = this.graph.byFmri.get(fmri)
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
      if (wasGoingOffline) takeOfflineLeaves(this.graph)
      this.#propagateStop(fmri, fault)
      if (state === 'offline') this.#propagateStart(fmri)
    } else if (!service.running) this.#propagateStart(fmri)
  }

  #started(fmri: string): void {
    const name = parseFmri(fmri)
    if (name?.instance !== undefined) this.#repository.takeSnapshot(name.service, name.instance, 'start')
    for (const { fmri: dependent, dependency } of this.graph.dependents(fmri)) {
      if (dependency.grouping === 'exclude_all') this.#stopDependent(dependent, dependency, 'restart')
      else this.#startIfSatisfied(dependent)
    }
  }

  #propagateStop(fmri: string, fault: Fault): void {
    for (const { fmri: dependent, dependency } of this.graph.dependents(fmri)) {
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
    for (const { fmri: dependent } of this.graph.dependents(fmri)) {
      if (seen.has(dependent)) continue
      seen.add(dependent)
      this.#startIfSatisfied(dependent)
      this.#propagateStart(dependent, seen)
    }
  }

  #startIfSatisfied(fmri: string): void {
    const vertex = this.graph.byFmri.get(fmri)
    if (!vertex?.enabled || vertex.service.state !== 'offline' || vertex.service.nextState !== undefined)
      return
    if (instanceVerdict(this.graph, fmri) === 'satisfied') vertex.service.send({ type: 'start' })
  }
}
