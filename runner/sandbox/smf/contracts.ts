/**
 * Process contracts: which processes belong to a service, however they were started by its method.
 * Read in illumos: startd/contract.c (contract_is_empty, contract_kill), contract(5), process(5).
 *
 * Linux has no contracts, so two marks are put on the method that all its descendants inherit: a variable in
 * the environment, and a timer slack of its own (in nanoseconds, too small to be felt). Daemons that set their
 * process title overwrite the first; hardly anything touches the second. Children of members are members. Where
 * a reaper can be had, everything that descends from it is a member, marked or not.
 */
import { readFileSync } from 'node:fs'
import { listProcesses, type Process, readProcess } from './processes.ts'

export const MARK_VARIABLE = 'SANDBOX_CONTRACT'

const DEFAULT_SLACK = 50_000
/** How often the members of contracts that are watched are looked at. */
const WATCH_MILLISECONDS = 200

interface Contract {
  id: number
  members: Map<number, number>
  onEmpty: (() => void) | undefined
  /** Process that all members descend from, when there is one; not a member itself. */
  reaper: number | undefined
}

export class Contracts {
  readonly #contracts = new Map<number, Contract>()
  /** Of this server, so that two servers on one machine never take each other's processes. */
  readonly #token = `${process.pid}.${Math.random().toString(36).slice(2, 10)}`
  readonly #slackBase = DEFAULT_SLACK + 1000 + Math.floor(Math.random() * 500_000)
  #last = 0
  #timer: NodeJS.Timeout | undefined

  create(): number {
    const id = ++this.#last
    this.#contracts.set(id, { id, members: new Map(), onEmpty: undefined, reaper: undefined })
    return id
  }

  /** What a method of the contract is started with. */
  marks(id: number): { environment: string; slack: number } {
    return { environment: `${this.#token}.${id}`, slack: this.#slackBase + id }
  }

  /** A process that is known to be in the contract: the method itself. */
  add(id: number, pid: number): void {
    const found = readProcess(pid)
    if (found) this.#contracts.get(id)?.members.set(pid, found.started)
  }

  /** The process that all members descend from, orphans too (methods/reaper.ts). */
  setReaper(id: number, pid: number): void {
    const contract = this.#contracts.get(id)
    if (contract) contract.reaper = pid
  }

  reaperEnded(id: number): void {
    const contract = this.#contracts.get(id)
    if (contract) contract.reaper = undefined
    this.#check()
  }

  /** Living members, found anew. */
  members(id: number): Process[] {
    const contract = this.#contracts.get(id)
    return contract ? (this.#scan([contract]).get(id) ?? []) : []
  }

  isEmpty(id: number): boolean {
    const contract = this.#contracts.get(id)
    if (!contract) return true
    return !hasLivingMember(contract) && this.members(id).length === 0
  }

  /** Calls once when the last member is gone. */
  watch(id: number, onEmpty: () => void): void {
    const contract = this.#contracts.get(id)
    if (contract) contract.onEmpty = onEmpty
    this.#timer ??= setInterval(() => this.#check(), WATCH_MILLISECONDS)
  }

  unwatch(id: number): void {
    const contract = this.#contracts.get(id)
    if (contract) contract.onEmpty = undefined
    this.#rest()
  }

  /** Signals every member; those that appear meanwhile too when the signal cannot be caught. */
  kill(id: number, signal: NodeJS.Signals | number): void {
    for (let round = 0; round < (signal === 'SIGKILL' ? 5 : 1); round++) {
      const members = this.members(id)
      if (members.length === 0) return
      for (const { pid } of members) {
        try {
          process.kill(pid, signal)
        } catch {
          // Gone meanwhile.
        }
      }
    }
  }

  /** Ends every member of every contract. */
  killAll(): void {
    for (const id of this.#contracts.keys()) this.kill(id, 'SIGKILL')
  }

  /** Forgets the contract; its processes go on. */
  abandon(id: number): void {
    this.#contracts.delete(id)
    this.#rest()
  }

  /** Looks at nothing any more when nobody waits. */
  #rest(): void {
    if ([...this.#contracts.values()].every((c) => !c.onEmpty)) this.close()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #check(): void {
    const suspects = [...this.#contracts.values()].filter((c) => c.onEmpty && !hasLivingMember(c))
    if (suspects.length === 0) return
    const found = this.#scan(suspects)
    for (const contract of suspects) {
      if (found.get(contract.id)?.length) continue
      const onEmpty = contract.onEmpty
      contract.onEmpty = undefined
      onEmpty?.()
    }
  }

  #scan(contracts: Contract[]): Map<number, Process[]> {
    const processes = listProcesses().filter((p) => !p.zombie && p.pid !== process.pid)
    const result = new Map<number, Process[]>()
    for (const contract of contracts) {
      const mark = this.marks(contract.id)
      const members = new Set(
        processes.filter(
          (p) =>
            p.pid !== contract.reaper &&
            (p.parent === contract.reaper ||
              contract.members.get(p.pid) === p.started ||
              isMarked(p.pid, mark)),
        ),
      )
      for (let size = -1; size !== members.size; ) {
        size = members.size
        const parents = new Set([...members].map((p) => p.pid))
        for (const p of processes) if (parents.has(p.parent)) members.add(p)
      }
      contract.members = new Map([...members].map((p) => [p.pid, p.started]))
      result.set(contract.id, [...members])
    }
    return result
  }
}

function hasLivingMember(contract: Contract): boolean {
  for (const [pid, started] of contract.members) {
    const found = readProcess(pid)
    if (found && found.started === started && !found.zombie) return true
  }
  return false
}

function isMarked(pid: number, mark: { environment: string; slack: number }): boolean {
  const environment = read(`/proc/${pid}/environ`)
  if (environment?.includes(`${MARK_VARIABLE}=${mark.environment}\0`)) return true
  if (environment?.includes(`${MARK_VARIABLE}=`)) return false
  return Number(read(`/proc/${pid}/timerslack_ns`)) === mark.slack
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined
  }
}
