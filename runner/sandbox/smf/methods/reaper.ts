/**
 * The process between svc.startd and a start method that sees all of the service's processes end (reaper.pl).
 * Read in illumos: startd/method.c (method_events), restarter.c (contract_action), contract(5), for which ends are faults.
 */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { packageRoot } from '../../../paths.ts'
import { statInWorld } from '../worldFiles.ts'

const PERL = '/usr/bin/perl'

export interface Ended {
  /** Exit status; null when a signal ended it. */
  code: number | null
  signal: NodeJS.Signals | null
}

export interface Reaped {
  /** The method's own process; undefined when it could not be started. */
  pid: Promise<number | undefined>
  /** How the method ended. */
  ended: Promise<Ended>
}

/** Whether the world has what the reaper needs. */
export function canReap(root: string): boolean {
  return statInWorld(root, PERL) !== undefined
}

let program: string | undefined

export function reaperWords(method: string[]): [string, ...string[]] {
  program ??= readFileSync(join(packageRoot, 'runner/sandbox/smf/methods/reaper.pl'), 'utf8')
  return [PERL, '-e', program, ...method]
}

/** Follows a reaper; onDeath is told of every process but the method's own. */
export function followReaper(reaper: ChildProcess, onDeath: (death: Ended) => void): Reaped {
  let method: number | undefined
  let started: (pid: number | undefined) => void = () => {}
  let finished: (ended: Ended) => void = () => {}
  const pid = new Promise<number | undefined>((resolve) => {
    started = resolve
  })
  const ended = new Promise<Ended>((resolve) => {
    finished = resolve
  })
  createInterface({ input: reaper.stdio[3] as Readable }).on('line', (line) => {
    const [word, number, status] = line.split(' ')
    if (word === 'started') {
      method = Number(number)
      started(method)
    } else if (Number(number) === method) finished(decode(Number(status)))
    else onDeath(decode(Number(status)))
  })
  // Reached when there was no method, or when somebody killed the reaper.
  const lost = () => {
    started(undefined)
    finished({ code: 1, signal: null })
  }
  reaper.once('close', lost)
  reaper.once('error', lost)
  return { pid, ended }
}

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

function decode(status: number): Ended {
  const signal = status & 0x7f
  if (signal === 0) return { code: status >> 8, signal: null }
  return { code: null, signal: (SIGNALS.get(signal) ?? 'SIGKILL') as NodeJS.Signals }
}

const CORE_SIGNALS = ['SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGSYS']

/** What the end of one process means for its service; undefined for an exit. */
export function faultOf({ signal }: Ended): 'core' | 'signal' | undefined {
  if (signal === null) return undefined
  return CORE_SIGNALS.includes(signal) ? 'core' : 'signal'
}
