/** What a recipe asks for of its host, each with its place where the host does not have it. Pure. */
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import { suggestion } from '../config/suggest.ts'
import { variables } from '../config/template.ts'
import { BuildStackError } from '../errors.ts'
import { type HostFacts, hostVariables } from './hostVariables.ts'

/** What the host lacks of what these strings, anywhere in plain data, ask for. */
export function valueFaults(
  data: unknown,
  host: Pick<Host, 'name' | 'values'>,
  { placeOf }: Pick<LoadedRecipe, 'placeOf'>,
): BuildStackError[] {
  return namesIn(data, 'value.').flatMap((name) => {
    if (Object.hasOwn(host.values, name)) return []
    const hint = suggestion(name, Object.keys(host.values), 'it has')
    return new BuildStackError('CONFIG', `the host ${host.name} has no value "${name}"${hint}`, {
      host: host.name,
      location: placeOf(`value.${name}`),
      next: `add it to "values" of the host, or of the defaults, in hosts.yaml`,
    })
  })
}

/** What the host does not say of itself. */
export function factFaults(
  data: unknown,
  host: Pick<Host, 'name' | 'address'>,
  facts: HostFacts,
  { placeOf }: Pick<LoadedRecipe, 'placeOf'>,
): BuildStackError[] {
  const known = hostVariables(host, facts)
  return namesIn(data, 'host.').flatMap((name) => {
    const variable = `host.${name}`
    if (Object.hasOwn(known, variable)) return []
    return new BuildStackError('CONFIG', `the host ${host.name} does not say its ${name}`, {
      host: host.name,
      location: placeOf(variable),
      next: `give the host a value "${name}" in hosts.yaml, and ask for \${value.${name}} instead`,
    })
  })
}

/** Of the variables that begin so, without their beginning. */
function namesIn(data: unknown, beginning: string): string[] {
  return [...new Set(stringsIn(data).flatMap(variables))].flatMap((variable) =>
    variable.startsWith(beginning) ? variable.slice(beginning.length) : [],
  )
}

function stringsIn(data: unknown): string[] {
  if (typeof data === 'string') return [data]
  if (typeof data !== 'object' || data === null) return []
  return Object.values(data).flatMap(stringsIn)
}
