/** A service has its name to itself on a host: its FMRI, its directory and its files come from it. */
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import type { Selection } from './resolve.ts'

export function serviceNameFaults(selections: readonly Selection[], host: Host): BuildStackError[] {
  const owners = new Map<string, string>()
  return selections.flatMap(({ recipe, version, spec }) =>
    Object.keys(spec.services).flatMap((name) => {
      const owner = owners.get(name)
      if (owner === undefined) {
        owners.set(name, recipe.name)
        return []
      }
      const own = recipe.versions[version]?.services
      const path = [...(own ? ['versions', version] : []), 'services', name]
      return [
        new BuildStackError('CONFIG', `${name}: recipe ${owner} has a service of this name already`, {
          host: host.name,
          recipe: `${recipe.name} ${version}`,
          location: recipe.locate(path, 'key'),
          next: `Give one of them another name, or take one of the recipes from ${host.name}.`,
        }),
      ]
    }),
  )
}
