/** `build-stack remove HOST RECIPE...`: takes recipes off a host. */
import { loadProject } from '../config/load.ts'
import { planRemoval, type RemovalWish } from '../plan/removal.ts'
import { contextFor } from '../run/prepareHost.ts'
import { hostsToChange } from './confirmHosts.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { runOrSave } from './runOrSave.ts'
import type { PreparedRun } from './runPlans.ts'

export interface RemoveOptions extends BuildOptions {
  withDependents: boolean
}

export async function remove(name: string, recipes: string[], options: RemoveOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const hosts = await hostsToChange(project, [name], options)
  const wish = { recipes, dependents: options.withDependents }
  return runOrSave(
    project,
    hosts,
    options,
    () => ({ only: [], packages: true, remove: wish }),
    removalRun(wish),
  )
}

/** Also for a plan that was saved. */
export function removalRun(wish: RemovalWish): PreparedRun {
  return {
    prepare: async (host, facts, _transport, surroundings) =>
      contextFor(host, facts, surroundings, (titles) => planRemoval(host, facts, wish, titles)),
  }
}
