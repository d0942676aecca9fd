/**
 * The restarter property group of an instance: where svc.startd writes what it knows.
 * Read in illumos: librestart.c (_restarter_commit_states, restarter_store_contract), startd/libscf.c
 * (libscf_note_method_log, libscf_write_start_pid, libscf_write_method_status), milestone/restarter.xml.
 */
import { constants } from 'node:os'
import type { State } from '../graph/dependencies.ts'
import type { Ended } from '../methods/reaper.ts'
import type { Repository } from '../repository.ts'
import { type PropertyType, timeValue } from '../values.ts'

export class RestarterRecord {
  readonly #repository: Repository
  readonly #name: { service: string; instance: string }

  constructor(repository: Repository, name: { service: string; instance: string }) {
    this.#repository = repository
    this.#name = name
  }

  logfile(path: string): void {
    this.#set('logfile', 'astring', [path])
  }

  states(state: State, next: State | undefined, auxiliary: string): void {
    this.#set('state', 'astring', [state])
    this.#set('next_state', 'astring', [next ?? 'none'])
    this.#set('auxiliary_state', 'astring', [auxiliary])
    this.#set('state_timestamp', 'time', [timeValue(Date.now())])
  }

  contract(id: number | undefined): void {
    this.#set('contract', 'count', id === undefined ? [] : [String(id)])
  }

  startPid(pid: number): void {
    this.#set('start_pid', 'count', [String(pid)])
  }

  /** How a start ended; undefined for one that succeeded without an end. */
  startEnded(ended: Ended | undefined): void {
    this.#set('start_method_waitstatus', 'integer', [String(ended ? waitStatus(ended) : 0)])
    this.#set('start_method_timestamp', 'time', [timeValue(Date.now())])
  }

  #set(name: string, type: PropertyType, values: string[]): void {
    const instance = this.#repository.instance(this.#name)
    if (!instance) return
    const group = { name: 'restarter', type: 'framework', nonPersistent: true } as const
    this.#repository.set(instance.groups, group, name, { type, values })
    this.#repository.stateChanged()
  }
}

/** As wait(2) codes it. */
function waitStatus({ code, signal }: Ended): number {
  return code === null ? constants.signals[signal ?? 'SIGKILL'] : code << 8
}
