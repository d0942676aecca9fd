/**
 * What is asked of an instance, why it stops, and how that looks to those that depend on it.
 * Read in illumos: startd/restarter.c (stop_instance), wait.c (wait_remove), librestart.c (restarter_str_*).
 */

/** How dependents are to see a change: a fault, or somebody's wish. */
export type Fault = 'none' | 'error' | 'restart' | 'refresh'

/** As the log says it after "Stopping because". */
export type StopCause =
  | 'all processes in service exited'
  | 'service exited with an error'
  | 'service exited with a configuration error'
  | 'process dumped core'
  | 'process received fatal signal from outside the service'
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

/** auxiliary_state while and after an instance stops for the cause. */
export function auxiliaryState(cause: StopCause): string {
  switch (cause) {
    case 'all processes in service exited':
    case 'service exited with an error':
      return 'ct_ev_exit'
    case 'service exited with a configuration error':
      return 'method_failed'
    case 'process dumped core':
      return 'ct_ev_core'
    case 'process received fatal signal from outside the service':
      return 'ct_ev_signal'
    case 'dependency activity requires stop':
      return 'dependency_activity'
    case 'service disabled':
      return 'disable_request'
    case 'service restarting':
      return 'restart_request'
  }
}

/** A fault of a process, as opposed to an end that somebody wished or that was regular. */
export function faultCause(fault: 'core' | 'signal'): StopCause {
  return fault === 'core' ? 'process dumped core' : 'process received fatal signal from outside the service'
}

export function isFault(cause: StopCause): boolean {
  return cause.startsWith('process ') || cause === 'service exited with a configuration error'
}

/** What the end of a child service's process means. null is an end by a signal. */
export function exitCause(code: number | null): StopCause {
  if (code === 96) return 'service exited with a configuration error'
  return code === 0 || code === null ? 'all processes in service exited' : 'service exited with an error'
}
