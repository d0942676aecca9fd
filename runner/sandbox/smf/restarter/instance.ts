/**
 * One service instance under svc.startd: its states, its queue of events, its methods and its contract.
 * What other instances make of its changes is the graph's business (graph/startd.ts).
 * Read in illumos: startd/restarter.c (restarter_process_events, enable_inst, start_instance, stop_instance,
 * maintain_instance, unmaintain_instance, refresh_instance) and method.c (method_thread). degrade and restore are from
 * svcadm(8): in the sources of 2021 svc.startd answers them with "unimplemented".
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from '../../world.ts'
import type { Contracts } from '../contracts.ts'
import { parseFmri } from '../fmri.ts'
import type { State } from '../graph/dependencies.ts'
import { ServiceLog } from '../log.ts'
import { ignores, type MethodName } from '../methods/method.ts'
import { type Ended, faultOf } from '../methods/reaper.ts'
import type { Repository } from '../repository.ts'
import {
  auxiliaryState,
  type Fault,
  faultCause,
  isFault,
  type ServiceEvent,
  type StopCause,
} from './events.ts'
import { MethodRunner } from './methodRunner.ts'
import { ServiceProcesses } from './processes.ts'
import { EventQueue } from './queue.ts'
import { RestartRate } from './rate.ts'
import { RestarterRecord } from './record.ts'

export interface RestarterParts {
  world: World
  repository: Repository
  contracts: Contracts
  /** Aborted when svc.startd goes down: no method is started, and nothing waited for, from then on. */
  halt: AbortSignal
  /** Called after every change of state, and after a refresh (old state = new state, fault refresh). */
  onState: (service: ServiceInstance, old: State, fault: Fault) => void
}

const NO_DAEMON = 94
const THROTTLE_MILLISECONDS = 1000

export class ServiceInstance {
  readonly fmri: string
  readonly log: ServiceLog
  state: State = 'uninitialized'
  nextState: State | undefined
  enabled = false
  readonly #parts: RestarterParts
  readonly #name: { service: string; instance: string }
  readonly #record: RestarterRecord
  readonly #queue = new EventQueue<ServiceEvent>((event) => this.#process(event))
  #removed = false
  readonly #rate = new RestartRate()
  #auxiliary = 'none'
  readonly #processes: ServiceProcesses
  readonly #methods: MethodRunner

  constructor(fmri: string, parts: RestarterParts) {
    const parsed = parseFmri(fmri)
    this.fmri = fmri
    this.#name = { service: parsed?.service ?? '', instance: parsed?.instance ?? '' }
    this.#parts = parts
    this.log = new ServiceLog(parts.world.root, this.#name.service, this.#name.instance)
    this.#record = new RestarterRecord(parts.repository, this.#name)
    this.#record.logfile(this.log.path)
    this.#processes = new ServiceProcesses(parts.contracts, this.#record, (contract, cause) =>
      this.send({ type: 'exited', contract, cause }),
    )
    this.#methods = new MethodRunner({
      ...parts,
      fmri,
      name: this.#name,
      log: this.log,
      rate: this.#rate,
      record: this.#record,
      processes: this.#processes,
      onDeath: (death, contract) => this.#memberDied(death, contract),
    })
  }

  get running(): boolean {
    return this.state === 'online' || this.state === 'degraded'
  }

  get auxiliary(): string {
    return this.#auxiliary
  }

  get contract(): number | undefined {
    return this.#processes.contract
  }

  /** Asynchronous, in order; an event waits until the method that runs has ended. */
  send(event: ServiceEvent): void {
    this.#queue.add(event)
  }

  async #process(event: ServiceEvent): Promise<void> {
    if (this.#removed) {
      if (event.type === 'remove') event.done()
      return
    }
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
        if (this.#processes.isCurrent(event.contract)) await this.#stop(event.cause)
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
      this.#processes.drop()
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
    const fault: Fault = isFault(cause) ? 'error' : 'restart'
    const exited = cause.includes('exited')
    if (this.#methods.model === 'child' && exited) return this.#childExited(cause, fault)
    this.#processes.ignoreChild()
    const next = this.enabled ? 'offline' : 'disabled'
    const reason = auxiliaryState(cause)
    this.#setState(this.state, next, 'none', reason)
    await this.#transition('stop', next, fault, reason)
  }

  /** A child service whose process ended needs no stop method. */
  async #childExited(cause: StopCause, fault: Fault): Promise<void> {
    const reason = auxiliaryState(cause)
    this.#setState(this.state, 'offline', fault, reason)
    if (cause === 'service exited with an error') {
      this.#methods.countFault()
      if (this.#rate.tooFast(this.#methods.groups, 'child')) {
        this.log.write('Failing too quickly, throttling.')
        await sleep(THROTTLE_MILLISECONDS, undefined, { signal: this.#parts.halt }).catch(() => {})
      }
    } else {
      this.#methods.forgetFaults()
      this.#rate.reset()
    }
    this.#processes.ignoreChild()
    this.#processes.drop()
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
      this.#processes.drop()
      this.#setState('maintenance', undefined, 'restart', reason)
      return
    }
    this.#processes.ignoreChild()
    this.#setState(this.state, 'maintenance', 'none', reason)
    await this.#transition('stop', 'maintenance', 'restart', reason)
  }

  #unmaintain(why: string): void {
    this.log.write(`Leaving maintenance because ${why}.`)
    this.#processes.drop()
    this.#setState('uninitialized', undefined, 'restart', why.replace(/ requested$/, '_request'))
  }

  /** The instance is no longer in the repository: its processes are stopped as it last said. */
  async #remove(): Promise<void> {
    if (this.running) {
      await this.#methods.runOnce('stop')
      this.#processes.kill()
    }
    this.#processes.drop()
    this.#removed = true
  }

  async #transition(method: MethodName, target: State, fault: Fault, reason: string): Promise<void> {
    const ending = await this.#methods.run(method)
    if (!ending.ok) {
      if (method === 'start') this.#processes.drop()
      this.#setState('maintenance', undefined, 'error', ending.auxiliary)
      return
    }
    if (method === 'stop' && target === 'offline') this.#processes.retire()
    else if (method === 'stop') this.#processes.drop()
    this.#setState(target, undefined, fault, reason)
    if (method === 'start' && this.#methods.model === 'contract' && ending.code !== NO_DAEMON)
      this.#processes.watch()
  }

  /** A process of a contract service that a signal ended is a fault, unless it is to be ignored or to stop anyway. */
  #memberDied(death: Ended, contract: number): void {
    const fault = faultOf(death)
    const { groups, model } = this.#methods
    if (!fault || model !== 'contract' || ignores(groups, fault)) return
    if (!this.#processes.isCurrent(contract) || !this.running || this.nextState !== undefined) return
    this.send({ type: 'exited', contract, cause: faultCause(fault) })
  }

  #setState(state: State, next: State | undefined, fault: Fault, reason: string): void {
    const old = this.state
    this.state = state
    this.nextState = next
    this.#auxiliary = state === 'maintenance' || next === undefined ? reason : this.#auxiliary
    this.#record.states(state, next, reason)
    if (next === undefined) this.#parts.onState(this, old, fault)
  }
}
