/** The values of a host that a recipe asks for, each with its place where the host has none. Pure. */
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import { suggestion } from '../config/suggest.ts'
import { variables } from '../config/template.ts'
import { BuildStackError } from '../errors.ts'

/** What the host lacks of what these strings, anywhere in plain data, ask for. */
export function valueFaults(
  data: unknown,
  host: Pick<Host, 'name' | 'values'>,
  { placeOf }: Pick<LoadedRecipe, 'placeOf'>,
): BuildStackError[] {
  const names = [...new Set(stringsIn(data).flatMap(variables))].flatMap((variable) =>
    variable.startsWith('value.') ? variable.slice('value.'.length) : [],
  )
  return names.flatMap((name) => {
    if (Object.hasOwn(host.values, name)) return []
    const hint = suggestion(name, Object.keys(host.values), 'it has')
    return new BuildStackError('CONFIG', `the host ${host.name} has no value "${name}"${hint}`, {
      host: host.name,
      location: placeOf(`value.${name}`),
      next: `add it to "values" of the host, or of the defaults, in hosts.yaml`,
    })
  })
}

function stringsIn(data: unknown): string[] {
  if (typeof data === 'string') return [data]
  if (typeof data !== 'object' || data === null) return []
  return Object.values(data).flatMap(stringsIn)
}
