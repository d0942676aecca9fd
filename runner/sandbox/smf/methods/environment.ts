/** The environment of a method: nothing of the server's, only what SMF sets and the manifest says. */
import { RESTARTER } from '../fmri.ts'
import { readInWorld } from '../worldFiles.ts'

export interface EnvironmentRequest {
  fmri: string
  method: string
  zone: string
  /** NAME=value, of the method context. */
  variables: string[]
}

export function methodEnvironment(root: string, request: EnvironmentRequest): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: '/usr/sbin:/usr/bin',
    ...initDefaults(root),
    SMF_FMRI: request.fmri,
    SMF_METHOD: request.method,
    SMF_RESTARTER: RESTARTER,
    SMF_ZONENAME: request.zone,
  }
  for (const variable of request.variables) {
    const equals = variable.indexOf('=')
    const name = variable.slice(0, equals)
    if (equals > 0 && !name.startsWith('SMF_')) environment[name] = variable.slice(equals + 1)
  }
  return environment
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
