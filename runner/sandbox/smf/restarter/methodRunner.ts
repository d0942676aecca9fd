/**
 * Runs an instance's methods as its running snapshot defines them, again after failures that a retry may cure.
 * Read in illumos: startd/method.c (method_thread), startd/libscf.c (update_fault_count), startd/startd.h.
 */
import type { World } from '../../world.ts'
import type { Contracts } from '../contracts.ts'
import type { ServiceLog } from '../log.ts'
import { type MethodOutcome, MethodRun } from '../methods/execute.ts'
import { type MethodName, type Model, modelOf, readMethod } from '../methods/method.ts'
import type { Ended } from '../methods/reaper.ts'
import type { Groups, Repository } from '../repository.ts'
import type { ServiceProcesses } from './processes.ts'
import type { RestartRate } from './rate.ts'
import type { RestarterRecord } from './record.ts'

export interface RunnerParts {
  world: World
  repository: Repository
  contracts: Contracts
  /** Aborted when svc.startd goes down: no method is started from then on. */
  halt: AbortSignal
  fmri: string
  name: { service: string; instance: string }
  log: ServiceLog
  rate: RestartRate
  record: RestarterRecord
  processes: ServiceProcesses
  onDeath: (death: Ended, contract: number) => void
}

/** So many failures, and no success between them: maintenance. */
const FAULT_THRESHOLD = 3
/** Exit codes that a retry does not cure. */
const FATAL_CODES = new Set([95, 96, 99, 100])

export type Ending = { ok: true; code: number | undefined } | { ok: false; auxiliary: string }

export class MethodRunner {
  readonly #parts: RunnerParts
  /** Kept for the stop method of an instance that was deleted while it ran. */
  #groups: Groups = {}
  /** Since the last success of any method. An administrator's clear does not forget them. */
  #faults = 0

  constructor(parts: RunnerParts) {
    this.#parts = parts
  }

  get model(): Model {
    return modelOf(this.groups)
  }

  /** Composed, of the running snapshot. */
  get groups(): Groups {
    const { repository, name } = this.#parts
    if (repository.instance(name)) this.#groups = repository.composed(name, 'running')
    return this.#groups
  }

  /** Runs the method until it succeeds or nothing is left but maintenance. */
  async run(method: MethodName): Promise<Ending> {
    for (;;) {
      const outcome = await this.runOnce(method)
      if (outcome.type === 'done') {
        this.forgetFaults()
        return { ok: true, code: outcome.code }
      }
      if (outcome.type === 'too quick') return { ok: false, auxiliary: 'restarting_too_quickly' }
      if (outcome.type === 'failed' || FATAL_CODES.has(outcome.code ?? 0))
        return { ok: false, auxiliary: 'method_failed' }
      this.countFault()
      if (this.#faults >= FAULT_THRESHOLD) return { ok: false, auxiliary: 'fault_threshold_reached' }
    }
  }

  countFault(): void {
    this.#faults++
  }

  forgetFaults(): void {
    this.#faults = 0
  }

  async runOnce(method: MethodName): Promise<MethodOutcome> {
    const { repository, name, log, record, processes, halt } = this.#parts
    if (halt.aborted) return { type: 'failed' }
    const { groups, model } = this
    const found = readMethod(groups, method, { ...name, editing: repository.composed(name) })
    if ('absent' in found) {
      log.write(found.absent)
      return { type: 'done' }
    }
    if ('problem' in found) {
      log.write(found.problem)
      return { type: 'failed' }
    }
    const isStart = method === 'start'
    return new MethodRun({ ...this.#parts, groups, model }).execute(found.method, processes.contract, {
      onContract: (contract) => processes.adopt(contract),
      onStatus: (ended) => isStart && record.startEnded(ended),
      onChild: (pid, ended, contract) => processes.follow(pid, ended, contract),
      onPid: (pid) => isStart && record.startPid(pid),
      onDeath: this.#parts.onDeath,
    })
  }
}
