/** A run over hosts: all of them at once, each on its own. One host's failure never stops another's work. */
import { randomBytes } from 'node:crypto'
import type { Host } from '../config/hosts.ts'
import type { Project } from '../config/load.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import { resolve } from '../desired/resolve.ts'
import { type BuildStackError, BuildStackErrors } from '../errors.ts'
import { packageName } from '../packages/package.ts'
import { isCompiled } from '../plan/makePlan.ts'
import type { Prepared } from './prepareHost.ts'
import { type HostResult, type RunContext, runHost } from './runHost.ts'
import { SharedBuilds } from './sharedBuilds.ts'

/** Recipes for these hosts, loaded and checked, and everything that can be wrong without a host: cycles, ranges, names. */
export async function checkedRecipes(
  project: Project,
  hosts: readonly Host[],
  only: readonly string[],
): Promise<ReadonlyMap<string, LoadedRecipe>> {
  const recipes = await project.recipesFor(hosts.flatMap((host) => Object.keys(host.recipes)))
  for (const host of hosts) resolve(host, recipes, undefined, only)
  return recipes
}

export async function run(
  hosts: readonly Host[],
  context: Omit<RunContext, 'shared' | 'allPlanned' | 'runName'>,
): Promise<HostResult[]> {
  const shared = new SharedBuilds()
  const allPlanned = gate(hosts.length, (prepared) => {
    for (const { kind, build, package: found } of prepared?.plan.actions ?? []) {
      if (isCompiled(kind) && !found) shared.want(packageName(build))
    }
  })
  const runName = randomBytes(8).toString('hex')
  return Promise.all(hosts.map((host) => runHost(host, { ...context, shared, allPlanned, runName })))
}

/** What each host calls when it has its plan; opens when all have. */
function gate(count: number, take: (prepared: Prepared | undefined) => void): RunContext['allPlanned'] {
  let open = () => {}
  const all = new Promise<void>((resolve) => {
    open = resolve
  })
  let left = count
  return (prepared) => {
    take(prepared)
    left -= 1
    if (left === 0) open()
    return all
  }
}

/** All errors of a run, or undefined. */
export function errorsOf(results: readonly HostResult[]): BuildStackErrors | undefined {
  const errors: BuildStackError[] = results.flatMap((result) => result.errors)
  return errors.length > 0 ? new BuildStackErrors(errors) : undefined
}
