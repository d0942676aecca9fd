/** `build-stack remove HOST RECIPE...`: takes recipes off a host. */
import { loadProject } from '../config/load.ts'
import { planRemoval } from '../plan/removal.ts'
import { contextFor } from '../run/prepareHost.ts'
import { hostsToChange } from './confirmHosts.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { runPlans } from './runPlans.ts'

export interface RemoveOptions extends BuildOptions {
  withDependents: boolean
}

export async function remove(name: string, recipes: string[], options: RemoveOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  return runPlans(project, await hostsToChange(project, [name], options), options, {
    prepare: async (host, facts, _transport, { by }) =>
      contextFor(host, facts, by, (titles) =>
        planRemoval(host, facts, { recipes, dependents: options.withDependents }, titles),
      ),
  })
}
