/**
 * Runs one method in the world: context, environment, marks of its contract, output to the service's log.
 * Read in illumos: startd/method.c (exec_method).
 */

import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { World } from '../../world.ts'
import { type Contracts, MARK_VARIABLE } from '../contracts.ts'
import type { ServiceLog } from '../log.ts'
import { folderFault, type Resolved } from './context.ts'
import { methodEnvironment } from './environment.ts'
import type { Method } from './method.ts'
import { canReap, type Ended, followReaper, reaperWords } from './reaper.ts'

export const SMF_EXIT_ERR_CONFIG = 96

export interface Running {
  pid: Promise<number | undefined>
  /** Contract of the method and all that it starts. */
  contract: number
  ended: Promise<Ended>
}

/**
 * The program behind `/sbin/sh -c "exec ..."`: a first shell gives itself the contract's timer slack, which all
 * descendants inherit, and becomes the shell that svc.startd would have run.
 */
const MARKED = '{ echo "$1" >/proc/self/timerslack_ns; } 2>/dev/null; exec /sbin/sh -c "exec $2"'

export interface RunRequest {
  fmri: string
  method: Method
  context: Resolved
  log: ServiceLog
  needSession: boolean
  /** Told how processes of the contract end, when there is a way to know; the method's own end is ended. */
  onDeath: (death: Ended, contract: number) => void
}

export function runMethod(world: World, contracts: Contracts, request: RunRequest): Running {
  const { method, context, log, fmri } = request
  const contract = contracts.create()
  const failed = (code: number): Running => ({
    pid: Promise.resolve(undefined),
    contract,
    ended: Promise.resolve({ code, signal: null }),
  })
  log.write(`Executing ${method.name} method ("${method.exec}").`)
  const fault = folderFault(world.root, context)
  if (fault !== undefined) {
    log.write('svc.startd could not set context for method: ')
    log.write(fault)
    return failed(SMF_EXIT_ERR_CONFIG)
  }
  const { environment, slack } = contracts.marks(contract)
  const variables = method.context.environment
  const { env, warnings } = methodEnvironment(world.root, {
    fmri,
    method: method.name,
    zone: 'global',
    variables,
  })
  for (const warning of warnings) log.write(warning)
  const words: [string, ...string[]] = ['/sbin/sh', '-c', MARKED, 'sh', String(slack), method.exec]
  const reap = method.name === 'start' && canReap(world.root)
  let descriptor: number | undefined
  try {
    descriptor = log.open()
    const child = world.spawn(reap ? reaperWords(words) : words, {
      ...context,
      env: { ...env, [MARK_VARIABLE]: environment },
      stdio: ['ignore', descriptor, descriptor, ...(reap ? (['pipe'] as const) : [])],
      detached: request.needSession,
    })
    child.on('error', (error) => log.write(error.message))
    if (reap) {
      if (child.pid !== undefined) contracts.setReaper(contract, child.pid)
      child.once('exit', () => contracts.reaperEnded(contract))
      return { contract, ...followReaper(child, (death) => request.onDeath(death, contract)) }
    }
    if (child.pid !== undefined) contracts.add(contract, child.pid)
    return { pid: Promise.resolve(child.pid), contract, ended: end(child) }
  } catch (error) {
    log.write((error as Error).message)
    return failed(1)
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function end(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: 1, signal: null }))
  })
}
