/**
 * The environment of a method: nothing of the server's, only what SMF sets and the manifest says.
 * Read in illumos: startd/env.c (init_env, valid_env_var, find_dup, set_smf_env).
 */
import { RESTARTER } from '../fmri.ts'
import { own } from '../repository.ts'
import { readInWorld } from '../worldFiles.ts'

export interface EnvironmentRequest {
  fmri: string
  method: string
  zone: string
  /** NAME=value, of the method context. */
  variables: string[]
}

export interface MethodEnvironment {
  env: Record<string, string>
  /** Lines for the service's log, about variables that are left out or taken twice. */
  warnings: string[]
}

const DEFAULT_PATH = '/usr/sbin:/usr/bin'

export function methodEnvironment(root: string, request: EnvironmentRequest): MethodEnvironment {
  const inits = initDefaults(root)
  const env: Record<string, string> = {
    PATH: DEFAULT_PATH,
    ...inits,
    SMF_FMRI: request.fmri,
    SMF_METHOD: request.method,
    SMF_RESTARTER: RESTARTER,
    SMF_ZONENAME: request.zone,
  }
  const warnings: string[] = []
  for (const variable of request.variables) {
    const [name = '', text = ''] = split(variable)
    const known = own(env, name)
    if (name === '') warnings.push(`Invalid environment variable "${variable}".`)
    else if (name.startsWith('SMF_'))
      warnings.push(`Invalid environment variable "${variable}"; "SMF_" prefix is reserved.`)
    else {
      const isDefault = name === 'PATH' && known?.startsWith(DEFAULT_PATH)
      if (known !== undefined && !isDefault)
        warnings.push(`Ignoring duplicate environment variable "${name}=${known}".`)
      env[name] = text
    }
  }
  return { env, warnings }
}

function split(variable: string): [name: string, text: string] | [] {
  const equals = variable.indexOf('=')
  return equals > 0 ? [variable.slice(0, equals), variable.slice(equals + 1)] : []
}

/** What /etc/default/init sets: NAME=value words, quotes dropped, comments and CMASK left out. */
export function initDefaults(root: string): Record<string, string> {
  const text = readInWorld(root, '/etc/default/init')?.toString() ?? ''
  const words = text
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .flatMap((line) => line.match(/(?:"[^"]*"|[^\s;"])+/g) ?? [])
  const result: Record<string, string> = {}
  for (const word of words) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(word.replace(/["']/g, '')) ?? []
    if (name === undefined || value === undefined || name === 'CMASK' || name.startsWith('SMF_')) continue
    result[name] = value
  }
  return result
}
