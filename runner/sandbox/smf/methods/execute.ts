/**
 * One execution of a method: :true, :kill or a program; its time limit; a stop's wait for the last process.
 * Read in illumos: startd/method.c (method_run); exit status 94 in the tree of illumos-omnios, and smf_method(7).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from '../../world.ts'
import type { Contracts } from '../contracts.ts'
import type { ServiceLog } from '../log.ts'
import { type Groups, value } from '../repository.ts'
import type { RestartRate } from '../restarter/rate.ts'
import { statInWorld } from '../worldFiles.ts'
import { type Resolved, resolveContext } from './context.ts'
import { isNull, killSignal, type Method, type Model } from './method.ts'
import type { Ended } from './reaper.ts'
import { runMethod } from './run.ts'

/** done; to be tried again; failed for good. code is the exit status where there was one. */
export interface MethodOutcome {
  type: 'done' | 'retry' | 'failed' | 'too quick'
  code?: number
}

export interface RunObserver {
  /** The service's processes are in this contract from now on. */
  onContract: (contract: number | undefined) => void
  /** How the method ended; undefined when it counts as successful without having ended. */
  onStatus: (ended: Ended | undefined) => void
  onPid: (pid: number) => void
  /** The process of a child service runs. */
  onChild: (pid: number, ended: Promise<Ended>, contract: number) => void
  /** A process of the service ended, other than the method itself. */
  onDeath: (death: Ended, contract: number) => void
}

export interface MethodRunParts {
  world: World
  contracts: Contracts
  fmri: string
  log: ServiceLog
  groups: Groups
  model: Model
  rate: RestartRate
}

const NO_DAEMON = 94

export class MethodRun {
  readonly #parts: MethodRunParts

  constructor(parts: MethodRunParts) {
    this.#parts = parts
  }

  /** primary is the service's contract, if it has one. */
  async execute(method: Method, primary: number | undefined, observer: RunObserver): Promise<MethodOutcome> {
    const { log, model } = this.#parts
    if (method.name === 'stop' && model !== 'transient' && primary === undefined) return { type: 'done' }
    if (isNull(method.exec)) {
      log.write(`Executing ${method.name} method (null).`)
      if (method.name === 'start') observer.onStatus(undefined)
      if (method.name === 'stop' && primary !== undefined) return this.#emptied(primary, deadline(method))
      return { type: 'done' }
    }
    const signal = killSignal(method.exec)
    if (signal !== undefined) return this.#kill(method, signal, primary)
    const context = resolveContext(this.#parts.world.root, method.context)
    if ('problem' in context) {
      log.write(context.problem)
      return { type: 'failed' }
    }
    if (method.name === 'start') {
      const refusal = this.#refuseStart(method)
      if (refusal) return refusal
    }
    return this.#program({ method, context }, primary, observer)
  }

  #refuseStart(method: Method): MethodOutcome | undefined {
    const { model, world, log, rate, groups } = this.#parts
    const program = method.exec.split(' ')[0] ?? ''
    if (model === 'child' && program.startsWith('/') && !statInWorld(world.root, program)) {
      log.write(`Missing start method (${program}), changing state to maintenance.`)
      return { type: 'failed' }
    }
    rate.record()
    if (model === 'child' || !rate.tooFast(groups, model)) return undefined
    log.write('Restarting too quickly, changing state to maintenance.')
    return { type: 'too quick' }
  }

  async #kill(
    method: Method,
    signal: NodeJS.Signals | number,
    primary: number | undefined,
  ): Promise<MethodOutcome> {
    const { log, contracts } = this.#parts
    if (primary === undefined) {
      log.write('Invalid use of ":kill" as stop method for transient service.')
      return { type: 'failed' }
    }
    log.write(`Executing ${method.name} method (:kill).`)
    const end = deadline(method)
    contracts.kill(primary, signal)
    return method.name === 'stop' ? this.#emptied(primary, end) : { type: 'done' }
  }

  async #program(
    { method, context }: { method: Method; context: Resolved },
    primary: number | undefined,
    observer: RunObserver,
  ): Promise<MethodOutcome> {
    const { world, contracts, fmri, log, model, groups } = this.#parts
    const end = deadline(method)
    const needSession = value(groups, 'startd', 'need_session') === 'true'
    const running = runMethod(world, contracts, {
      fmri,
      method,
      context,
      log,
      needSession,
      onDeath: observer.onDeath,
    })
    const ownsService = method.name === 'start' && model !== 'transient'
    if (ownsService) observer.onContract(running.contract)
    const pid = await running.pid
    if (pid !== undefined) observer.onPid(pid)
    if (ownsService && model === 'child' && pid !== undefined) {
      observer.onStatus(undefined)
      observer.onChild(pid, running.ended, running.contract)
      return { type: 'done' }
    }
    const timer = this.#killLater(running.contract, end)
    const ended = await running.ended
    timer.stop()
    observer.onStatus(ended)
    const outcome = this.#judge(method, ended, timer.fired())
    const failed = outcome.type !== 'done'
    if (ownsService && (failed || outcome.code === NO_DAEMON)) observer.onContract(undefined)
    if (!ownsService) contracts.abandon(running.contract)
    if (failed || method.name !== 'stop' || primary === undefined || model === 'transient') return outcome
    return this.#emptied(primary, end)
  }

  #judge(method: Method, { code, signal }: Ended, timedOut: boolean): MethodOutcome {
    const { log, groups } = this.#parts
    if (timedOut && value(groups, 'startd', 'timeout_retry') === 'false') return { type: 'failed' }
    if (code === null) {
      log.write(`Method "${method.name}" failed due to signal ${signal?.replace(/^SIG/, '') ?? 'KILL'}.`)
      return { type: 'retry' }
    }
    log.write(`Method "${method.name}" exited with status ${code}.`)
    const isGood = code === 0 || (code === NO_DAEMON && method.name === 'start')
    return { type: isGood ? 'done' : 'retry', code }
  }

  /** Waits until the service's last process is gone; kills what is left when the time is up. */
  async #emptied(contract: number, end: number): Promise<MethodOutcome> {
    const { contracts } = this.#parts
    const timer = this.#killLater(contract, end)
    for (let rounds = 0; !contracts.isEmpty(contract); rounds++) await sleep(rounds < 20 ? 5 : 100)
    timer.stop()
    return timer.fired() ? { type: 'failed' } : { type: 'done' }
  }

  #killLater(contract: number, end: number): { stop: () => void; fired: () => boolean } {
    if (end === Number.POSITIVE_INFINITY) return { stop: () => {}, fired: () => false }
    let fired = false
    const timer = setTimeout(
      () => {
        fired = true
        this.#parts.log.write(`Method or service exit timed out.  Killing contract ${contract}.`)
        this.#parts.contracts.kill(contract, 'SIGKILL')
      },
      Math.max(0, end - performance.now()),
    )
    return { stop: () => clearTimeout(timer), fired: () => fired }
  }
}

function deadline({ timeoutSeconds }: Method): number {
  return timeoutSeconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeoutSeconds * 1000
}
