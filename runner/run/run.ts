/** A run over hosts: all of them at once, each on its own. One host's failure never stops another's work. */
import type { Host } from '../config/hosts.ts'
import type { Project } from '../config/load.ts'
import { resolve } from '../desired/resolve.ts'
import { type BuildStackError, BuildStackErrors } from '../errors.ts'
import { type HostResult, type RunContext, runHost } from './runHost.ts'

/** Recipes for these hosts, loaded and checked, and everything that can be wrong without a host: cycles, ranges, names. */
export async function checkedRecipes(
  project: Project,
  hosts: readonly Host[],
  only: readonly string[],
): Promise<RunContext['recipes']> {
  const recipes = await project.recipesFor(hosts.flatMap((host) => Object.keys(host.recipes)))
  for (const host of hosts) resolve(host, recipes, undefined, only)
  return recipes
}

export async function run(hosts: readonly Host[], context: RunContext): Promise<HostResult[]> {
  return Promise.all(hosts.map((host) => runHost(host, context)))
}

/** All errors of a run, or undefined. */
export function errorsOf(results: readonly HostResult[]): BuildStackErrors | undefined {
  const errors: BuildStackError[] = results.flatMap((result) => result.errors)
  return errors.length > 0 ? new BuildStackErrors(errors) : undefined
}
