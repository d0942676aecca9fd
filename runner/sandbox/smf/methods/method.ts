/** What a method is, read from an instance's groups: its command, time limit, context and model. Pure. */
import { constants } from 'node:os'
import { type Groups, own, value, values } from '../repository.ts'
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

export interface MethodContext {
  /** Undefined for root without a context of its own. */
  user: string | undefined
  group: string | undefined
  /** :default and :home are not in here: they are the user's home. */
  workingDirectory: string | undefined
  /** Whether the working folder defaults to the user's home instead of /. */
  home: boolean
  /** NAME=value */
  environment: string[]
}

export type MethodResult =
  | { method: Method }
  /** Not defined, and what the log says about it. */
  | { absent: string }
  /** Defined, but unusable. */
  | { problem: string }

/** duration's word; svc.startd takes what it does not know as contract. */
export function modelOf(groups: Groups): Model {
  const word = value(groups, 'startd', 'duration')
  return word === 'transient' ? 'transient' : word === 'child' || word === 'wait' ? 'child' : 'contract'
}

export function readMethod(
  groups: Groups,
  name: MethodName,
  entity: { service: string; instance: string },
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

/** A method's own context replaces the service's as a whole. */
function readContext(groups: Groups, name: MethodName): MethodContext {
  const properties = [
    'user',
    'working_directory',
    'environment',
    'use_profile',
    'project',
    'resource_pool',
    'security_flags',
  ]
  const source = properties.some((p) => values(groups, name, p)) ? name : 'method_context'
  const directory = value(groups, source, 'working_directory')
  const group = value(groups, source, 'group')
  return {
    user: value(groups, source, 'user'),
    group: group === ':default' ? undefined : group,
    workingDirectory: directory === ':default' || directory === ':home' ? undefined : directory,
    home: own(groups, source) !== undefined && properties.some((p) => values(groups, source, p)),
    environment: values(groups, source, 'environment') ?? [],
  }
}

export function isNull(exec: string): boolean {
  return exec === ':true'
}

/** The signal of a :kill method, TERM by default; undefined for other methods and unknown signals. */
export function killSignal(exec: string): NodeJS.Signals | number | undefined {
  const match = /^:kill(?:\s+-(?:SIG)?([A-Z0-9]+))?\s*$/.exec(exec)
  if (!match) return undefined
  const word = match[1] ?? 'TERM'
  if (/^\d+$/.test(word)) return Number(word)
  return `SIG${word}` in constants.signals ? (`SIG${word}` as NodeJS.Signals) : undefined
}

/** Whether faults of a kind are to be ignored (startd/ignore_error). */
export function ignores(groups: Groups, fault: 'core' | 'signal'): boolean {
  const word = value(groups, 'startd', 'ignore_error') ?? ''
  return ['core', 'signal', 'core,signal', 'signal,core'].includes(word) && word.split(',').includes(fault)
}
