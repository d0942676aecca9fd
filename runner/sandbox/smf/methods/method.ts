/**
 * What a method is, read from an instance's groups: its command, time limit and model. Pure.
 * Read in illumos: startd/libscf.c (libscf_get_method, libscf_get_startd_properties), startd/method.c (method_run),
 * librestart.c (restarter_is_null_method, is_kill_method), str2sig(3C).
 */
import { constants } from 'node:os'
import { type Groups, own, value } from '../repository.ts'
import { type MethodContext, readContext } from './context.ts'
import { expandTokens } from './expand.ts'

export type MethodName = 'start' | 'stop' | 'refresh'
export type Model = 'contract' | 'transient' | 'child'

export interface Method {
  name: MethodName
  /** With its tokens expanded. */
  exec: string
  /** Seconds; undefined for no limit. */
  timeoutSeconds: number | undefined
  context: MethodContext
}

export type MethodResult =
  | { method: Method }
  /** Not defined, and what the log says about it. */
  | { absent: string }
  /** Defined, but unusable. */
  | { problem: string }

/** duration's word; svc.startd takes what it does not know as contract ("wait", too, the model's other name). */
export function modelOf(groups: Groups): Model {
  const word = value(groups, 'startd', 'duration')
  return word === 'transient' || word === 'child' ? word : 'contract'
}

/** Groups are those of the running snapshot; editing are the current ones, where tokens are looked for last. */
export function readMethod(
  groups: Groups,
  name: MethodName,
  entity: { service: string; instance: string; editing: Groups },
): MethodResult {
  if (!own(groups, name))
    return {
      absent:
        name === 'refresh'
          ? `No '${name}' method defined.  Treating as :true.`
          : `Method property group '${name}' is not present.`,
    }
  const exec = value(groups, name, 'exec')
  if (exec === undefined) return { absent: `Method property '${name}/exec is not present.` }
  const expansion = expandTokens(exec, { ...entity, method: name, groups })
  if ('problem' in expansion)
    return { problem: `Could not expand method tokens in "${exec}": ${expansion.problem}.` }
  return {
    method: {
      name,
      exec: expansion.text,
      timeoutSeconds: timeout(value(groups, name, 'timeout_seconds')),
      context: readContext(groups, name),
    },
  }
}

/** 0 and -1 mean no limit; so does what no timer can hold. */
function timeout(seconds: string | undefined): number | undefined {
  const number = Number(seconds ?? 0)
  return number === 0 || number > 2 ** 31 / 1000 ? undefined : number
}

export function isNull(exec: string): boolean {
  return exec === ':true'
}

/**
 * The signal of a :kill method, TERM by default: a number, or a name without SIG. undefined for what is none; the
 * shell is then given it as a program, and finds none.
 */
export function killSignal(exec: string): NodeJS.Signals | number | undefined {
  const match = /^:kill(?:\s*|\s+-(\S+))$/.exec(exec)
  if (!match) return undefined
  const word = match[1] ?? 'TERM'
  if (/^\d+$/.test(word))
    return Object.values(constants.signals).some((n) => n === Number(word)) ? Number(word) : undefined
  return `SIG${word}` in constants.signals ? (`SIG${word}` as NodeJS.Signals) : undefined
}

/** Whether faults of a kind are to be ignored (startd/ignore_error). */
export function ignores(groups: Groups, fault: 'core' | 'signal'): boolean {
  const word = value(groups, 'startd', 'ignore_error') ?? ''
  return ['core', 'signal', 'core,signal', 'signal,core'].includes(word) && word.split(',').includes(fault)
}
