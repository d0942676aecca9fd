/**
 * The processes that are a service: its contract, and for a child service the one process that counts.
 * Read in illumos: startd/method.c (method_store_contract, method_remove_contract, method_thread), restarter.c
 * (contract_action, contract_to_inst), wait.c (wait_register, wait_remove, wait_ignore_by_fmri).
 */
import type { Contracts } from '../contracts.ts'
import type { Ended } from '../methods/reaper.ts'
import { exitCause, type StopCause } from './events.ts'
import type { RestarterRecord } from './record.ts'

export class ServiceProcesses {
  contract: number | undefined
  readonly #contracts: Contracts
  readonly #record: RestarterRecord
  /** Called when the service has ended on its own account. */
  readonly #onExit: (contract: number, cause: StopCause) => void
  #child: number | undefined
  /** Stopped, and kept until the next start's contract takes its place. */
  #isRetired = false

  constructor(
    contracts: Contracts,
    record: RestarterRecord,
    onExit: (contract: number, cause: StopCause) => void,
  ) {
    this.#contracts = contracts
    this.#record = record
    this.#onExit = onExit
  }

  adopt(contract: number | undefined): void {
    this.drop()
    this.contract = contract
    this.#isRetired = false
    this.#record.contract(contract)
  }

  /** A service that is to start again keeps its contract meanwhile, and nothing that happens to it counts. */
  retire(): void {
    if (this.contract === undefined) return
    this.#contracts.unwatch(this.contract)
    this.#isRetired = true
  }

  isCurrent(contract: number): boolean {
    return contract === this.contract && !this.#isRetired
  }

  /** Forgets the contract; processes that are left go on without anybody watching them. */
  drop(): void {
    if (this.contract === undefined) return
    this.#contracts.abandon(this.contract)
    this.contract = undefined
    this.#record.contract(undefined)
  }

  kill(): void {
    if (this.contract !== undefined) this.#contracts.kill(this.contract, 'SIGKILL')
  }

  /** A contract service lives as long as its contract has members. */
  watch(): void {
    const { contract } = this
    if (contract === undefined || this.#isRetired) return
    this.#contracts.watch(contract, () => this.#onExit(contract, 'all processes in service exited'))
  }

  /** A child service lives as long as the process of its start method. */
  follow(pid: number, ended: Promise<Ended>, contract: number): void {
    this.#child = pid
    void ended.then(({ code }) => {
      if (this.#child === pid) this.#onExit(contract, exitCause(code))
    })
  }

  /** The child is about to be stopped: its end is no event. */
  ignoreChild(): void {
    this.#child = undefined
  }
}
