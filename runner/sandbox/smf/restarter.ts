/**
 * One service instance under svc.startd: its states, its queue of events, its methods and its contract.
 * What other instances make of its changes is the graph's business (graph/startd.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from '../world.ts'
import type { Contracts } from './contracts.ts'
import { parseFmri } from './fmri.ts'
import type { State } from './graph/dependencies.ts'
import { ServiceLog } from './log.ts'
import { type MethodOutcome, MethodRun } from './methods/execute.ts'
import { type MethodName, type Model, modelOf, readMethod } from './methods/method.ts'
import type { Ended } from './methods/run.ts'
import { type Groups, own, type Property, type Repository, value } from './repository.ts'
import { RestartRate } from './restartRate.ts'
import { timeValue } from './values.ts'

/** How dependents are to see a change: a fault, or somebody's wish. */
export type Fault = 'none' | 'error' | 'restart' | 'refresh'

export type StopCause =
  | 'all processes in service exited'
  | 'service exited with an error'
  | 'service exited with a configuration error'
  | 'dependency activity requires stop'
  | 'service disabled'
  | 'service restarting'

export type ServiceEvent =
  | {
      type:
        | 'enable'
        | 'disable'
        | 'adminDisable'
        | 'start'
        | 'restart'
        | 'refresh'
        | 'clear'
        | 'degrade'
        | 'restore'
    }
  | { type: 'stop'; resetRate: boolean }
  | { type: 'maintain'; reason: string; immediate: boolean }
  | { type: 'exited'; contract: number; cause: StopCause }
  | { type: 'remove'; done: () => void }

export interface RestarterParts {
  world: World
  repository: Repository
  contracts: Contracts
  /** Called after every change of state, and after a refresh (old state = new state, fault refresh). */
  onState: (service: ServiceInstance, old: State, fault: Fault) => void
}

/** Third failure of a method in a row: maintenance. */
const FAULT_THRESHOLD = 3
/** Exit codes that a retry does not cure. */
const FATAL_CODES = new Set([95, 96, 99, 100])
const NO_DAEMON = 94
const THROTTLE_MILLISECONDS = 1000

export class ServiceInstance {
  readonly fmri: string
  readonly log: ServiceLog
  state: State = 'uninitialized'
  nextState: State | undefined
  enabled = false
  contract: number | undefined
  readonly #parts: RestarterParts
  readonly #name: { service: string; instance: string }
  readonly #queue: ServiceEvent[] = []
  #busy = false
  #removed = false
  #faults = 0
  #rate = new RestartRate()
  #auxiliary = 'none'
  /** The process of a child service, while it counts. */
  #child: { pid: number } | undefined
  #noDaemon = false
  /** Kept for the stop method of an instance that was deleted while it ran. */
  #groups: Groups = {}

  constructor(fmri: string, parts: RestarterParts) {
    const parsed = parseFmri(fmri)
    this.fmri = fmri
    this.#name = { service: parsed?.service ?? '', instance: parsed?.instance ?? '' }
    this.#parts = parts
    this.log = new ServiceLog(parts.world.root, this.#name.service, this.#name.instance)
    this.#setProperty('logfile', { type: 'astring', values: [this.log.path] })
  }

  get running(): boolean {
    return this.state === 'online' || this.state === 'degraded'
  }

  get auxiliary(): string {
    return this.#auxiliary
  }

  /** Asynchronous, in order; an event waits until the method that runs has ended. */
  send(event: ServiceEvent): void {
    this.#queue.push(event)
    if (!this.#busy) void this.#work()
  }

  /** Without any event being processed or waiting. */
  get idle(): boolean {
    return !this.#busy && this.#queue.length === 0
  }

  async #work(): Promise<void> {
    this.#busy = true
    await new Promise(setImmediate)
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) {
      if (this.#removed) break
      await this.#process(event)
    }
    this.#busy = false
  }

  async #process(event: ServiceEvent): Promise<void> {
    switch (event.type) {
      case 'enable':
        return this.#enable()
      case 'disable':
      case 'adminDisable':
        await this.#disable(event.type === 'adminDisable')
        if (event.type === 'adminDisable') this.#rate.reset()
        return
      case 'start':
        return this.#start()
      case 'stop':
        if (event.resetRate) this.#rate.reset()
        return this.#stop('dependency activity requires stop')
      case 'restart':
        if (!this.running) return
        await this.#stop('service restarting')
        this.#rate.reset()
        return
      case 'exited':
        if (event.contract === this.contract) await this.#stop(event.cause)
        return
      case 'refresh':
        return this.#refresh()
      case 'maintain':
        return this.#maintain(event.reason, event.immediate)
      case 'clear':
        if (this.state !== 'maintenance') return
        this.#unmaintain('clear requested')
        this.#rate.reset()
        return
      case 'degrade':
        if (this.state === 'online') this.#setState('degraded', undefined, 'none', 'administrative_request')
        return
      case 'restore':
        if (this.state === 'degraded') this.#setState('online', undefined, 'none', 'restore_request')
        return
      case 'remove':
        await this.#remove()
        event.done()
    }
  }

  #enable(): void {
    this.enabled = true
    if (this.state !== 'uninitialized' && this.state !== 'disabled') return
    this.log.write('Enabled.')
    this.#setState('offline', undefined, 'none', 'enable_request')
  }

  async #disable(byAdministrator: boolean): Promise<void> {
    this.enabled = false
    if (this.running) await this.#stop('service disabled')
    else if (this.state === 'offline' || this.state === 'uninitialized') {
      this.#dropContract()
      this.log.write('Disabled.')
      this.#setState('disabled', undefined, 'restart', 'disable_request')
    } else if (this.state === 'maintenance' && byAdministrator) this.#unmaintain('disable requested')
  }

  async #start(): Promise<void> {
    if (this.state !== 'offline' || !this.enabled) return
    this.#setState('offline', 'online', 'none', 'dependencies_satisfied')
    await this.#transition('start', 'online', 'none', 'dependencies_satisfied')
  }

  async #stop(cause: StopCause): Promise<void> {
    if (!this.running) return
    this.log.write(`Stopping because ${cause}.`)
    const fault: Fault = cause === 'service exited with a configuration error' ? 'error' : 'restart'
    const exited = cause.includes('exited')
    if (this.#model() === 'child' && exited) return this.#childExited(cause, fault)
    this.#child = undefined
    const next = this.enabled ? 'offline' : 'disabled'
    const reason = auxiliaryOf(cause)
    this.#setState(this.state, next, 'none', reason)
    await this.#transition('stop', next, fault, reason)
  }

  /** A child service whose process ended needs no stop method. */
  async #childExited(cause: StopCause, fault: Fault): Promise<void> {
    const reason = auxiliaryOf(cause)
    this.#setState(this.state, 'offline', fault, reason)
    if (cause === 'service exited with an error' && this.#rate.tooFast(this.#groupsNow(), 'child')) {
      this.log.write('Failing too quickly, throttling.')
      await sleep(THROTTLE_MILLISECONDS)
    } else if (cause !== 'service exited with an error') this.#rate.reset()
    this.#child = undefined
    this.#dropContract()
    const refused = cause === 'service exited with a configuration error'
    const next = refused ? 'maintenance' : this.enabled ? 'offline' : 'disabled'
    this.#setState(next, undefined, fault, reason)
  }

  async #refresh(): Promise<void> {
    this.log.write('Rereading configuration.')
    if (!this.running) return
    const state = this.state
    this.#setState(state, state, 'none', 'refresh')
    await this.#transition('refresh', state, 'refresh', 'refresh')
  }

  async #maintain(reason: string, immediate: boolean): Promise<void> {
    this.log.write(`Stopping for maintenance due to ${reason}.`)
    if (this.state === 'maintenance') return
    if (immediate || !this.running) {
      this.#dropContract()
      this.#setState('maintenance', undefined, 'restart', reason)
      return
    }
    this.#child = undefined
    this.#setState(this.state, 'maintenance', 'none', reason)
    await this.#transition('stop', 'maintenance', 'restart', reason)
  }

  #unmaintain(why: string): void {
    this.log.write(`Leaving maintenance because ${why}.`)
    this.#dropContract()
    this.#setState('uninitialized', undefined, 'restart', why.replace(/ requested$/, '_request'))
  }

  /** The instance is no longer in the repository: its processes are stopped as it last said. */
  async #remove(): Promise<void> {
    if (this.running) {
      await this.#runMethod('stop')
      if (this.contract !== undefined) this.#parts.contracts.kill(this.contract, 'SIGKILL')
    }
    this.#dropContract()
    this.#removed = true
  }

  /** Runs a method until it succeeds or nothing is left but maintenance. */
  async #transition(method: MethodName, target: State, fault: Fault, reason: string): Promise<void> {
    for (;;) {
      const outcome = await this.#runMethod(method)
      if (outcome.type === 'done') {
        this.#faults = 0
        if (method === 'stop') this.#dropContract()
        this.#setState(target, undefined, fault, reason)
        if (method === 'start') this.#watch()
        return
      }
      if (outcome.type === 'retry' && ++this.#faults < FAULT_THRESHOLD) continue
      const why =
        outcome.type === 'too quick'
          ? 'restarting_too_quickly'
          : outcome.type === 'retry'
            ? 'fault_threshold_reached'
            : 'method_failed'
      this.#faults = 0
      if (method === 'start') this.#dropContract()
      this.#setState('maintenance', undefined, 'error', why)
      return
    }
  }

  async #runMethod(name: MethodName): Promise<MethodOutcome> {
    const groups = this.#groupsNow()
    const model = this.#model()
    const found = readMethod(groups, name, this.#name)
    if ('absent' in found) {
      this.log.write(found.absent)
      return { type: 'done' }
    }
    if ('problem' in found) {
      this.log.write(found.problem)
      return { type: 'failed' }
    }
    const run = new MethodRun({
      ...this.#parts,
      fmri: this.fmri,
      log: this.log,
      groups,
      model,
      rate: this.#rate,
    })
    const outcome = await run.execute(found.method, this.contract, {
      onContract: (contract) => this.#adopt(contract),
      onStatus: (ended) => name === 'start' && this.#noteStart(ended),
      onChild: (pid, ended, contract) => this.#follow(pid, ended, contract),
      onPid: (pid) =>
        name === 'start' && this.#setProperty('start_pid', { type: 'count', values: [String(pid)] }),
    })
    this.#noDaemon = name === 'start' && outcome.type === 'done' && outcome.code === NO_DAEMON
    if (outcome.type === 'retry' && outcome.code !== undefined && FATAL_CODES.has(outcome.code))
      return { type: 'failed' }
    return outcome
  }

  #adopt(contract: number | undefined): void {
    this.#dropContract()
    this.contract = contract
    this.#setProperty('contract', { type: 'count', values: contract === undefined ? [] : [String(contract)] })
  }

  #dropContract(): void {
    if (this.contract === undefined) return
    this.#parts.contracts.abandon(this.contract)
    this.contract = undefined
    this.#setProperty('contract', { type: 'count', values: [] })
  }

  /** A contract service lives as long as its processes do. */
  #watch(): void {
    const contract = this.contract
    if (contract === undefined || this.#model() !== 'contract' || this.#noDaemon) return
    this.#parts.contracts.watch(contract, () =>
      this.send({ type: 'exited', contract, cause: 'all processes in service exited' }),
    )
  }

  /** A child service lives as long as the process of its start method. */
  #follow(pid: number, ended: Promise<Ended>, contract: number): void {
    this.#child = { pid }
    void ended.then(({ code }) => {
      if (this.#child?.pid !== pid || this.nextState === 'offline' || this.nextState === 'disabled') return
      const cause: StopCause =
        code === 96
          ? 'service exited with a configuration error'
          : code === 0 || code === null
            ? 'all processes in service exited'
            : 'service exited with an error'
      this.send({ type: 'exited', contract, cause })
    })
  }

  #model(): Model {
    return modelOf(this.#groupsNow())
  }

  #groupsNow(): Groups {
    if (this.#parts.repository.instance(this.#name))
      this.#groups = this.#parts.repository.composed(this.#name, 'running')
    return this.#groups
  }

  #noteStart(ended: Ended | undefined): void {
    const status = ended ? waitStatus(ended) : 0
    this.#setProperty('start_method_waitstatus', { type: 'integer', values: [String(status)] })
    this.#setProperty('start_method_timestamp', { type: 'time', values: [timeValue(Date.now())] })
  }

  #setState(state: State, next: State | undefined, fault: Fault, reason: string): void {
    const old = this.state
    this.state = state
    this.nextState = next
    this.#auxiliary = state === 'maintenance' || next === undefined ? reason : this.#auxiliary
    this.#setProperty('state', { type: 'astring', values: [state] })
    this.#setProperty('next_state', { type: 'astring', values: [next ?? 'none'] })
    this.#setProperty('auxiliary_state', { type: 'astring', values: [reason] })
    this.#setProperty('state_timestamp', { type: 'time', values: [timeValue(Date.now())] })
    if (next === undefined) this.#parts.onState(this, old, fault)
  }

  #setProperty(name: string, property: Property): void {
    const instance = this.#parts.repository.instance(this.#name)
    if (!instance) return
    const group = { name: 'restarter', type: 'framework', nonPersistent: true } as const
    this.#parts.repository.set(instance.groups, group, name, property)
    this.#parts.repository.changed()
  }

  /** Of the last start, as svcs -x explains it. */
  get startWaitStatus(): number {
    const groups = own(this.#parts.repository.services, this.#name.service)?.instances[this.#name.instance]
      ?.groups
    return Number((groups && value(groups, 'restarter', 'start_method_waitstatus')) ?? 0)
  }
}

function auxiliaryOf(cause: StopCause): string {
  switch (cause) {
    case 'all processes in service exited':
    case 'service exited with an error':
      return 'ct_ev_exit'
    case 'service exited with a configuration error':
      return 'method_failed'
    case 'dependency activity requires stop':
      return 'dependency_activity'
    case 'service disabled':
      return 'disable_request'
    case 'service restarting':
      return 'restart_request'
  }
}

const SIGNALS: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
}

/** As wait(2) codes it. */
function waitStatus({ code, signal }: Ended): number {
  return code === null ? (SIGNALS[signal ?? 'SIGKILL'] ?? 9) : code << 8
}
