/** A run over hosts: all of them at once, with one scheduler. One host's failure never stops another's work, unless it is to. */
import { randomBytes } from 'node:crypto'
import type { Host } from '../config/hosts.ts'
import type { Project } from '../config/load.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import { resolve } from '../desired/resolve.ts'
import { type BuildStackError, BuildStackErrors } from '../errors.ts'
import type { RunBounds } from '../schedule/schedule.ts'
import { everyInventory, type HostInventory } from './inventory.ts'
import { type HostResult, type RunContext, runHost } from './runHost.ts'
import { Scheduling } from './scheduling.ts'

/** What of a run's context is made by the run itself. */
type OfRun = 'scheduling' | 'inventories' | 'runName'

export type RunSetup = Omit<RunContext, OfRun> & {
  bounds: RunBounds
  /** Nothing begins once it is aborted. */
  held: AbortSignal
}

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

export function run(hosts: readonly Host[], { bounds, held, ...context }: RunSetup): Promise<HostResult[]> {
  const scheduling = new Scheduling(
    hosts.map(({ name }) => name),
    bounds,
    { held, signal: context.signal },
  )
  let inventories: Promise<readonly HostInventory[]> | undefined
  const ofRun = {
    scheduling,
    inventories: () => {
      inventories ??= everyInventory()
      return inventories
    },
    runName: randomBytes(8).toString('hex'),
  }
  return Promise.all(hosts.map((host) => runHost(host, { ...context, ...ofRun })))
}

/** Batch after batch; one with an error is the last: the hosts of those after it are not touched, and have no result. */
export async function runRolling(batches: readonly Host[][], setup: RunSetup): Promise<HostResult[]> {
  const results: HostResult[] = []
  for (const [index, batch] of batches.entries()) {
    results.push(...(await run(batch, setup)))
    if (results.some(({ errors }) => errors.length > 0)) {
      const rest = batches.slice(index + 1).flat()
      for (const { name } of rest) setup.emit({ type: 'host-left', host: name, because: becauseOf(results) })
      break
    }
  }
  return results
}

function becauseOf(results: readonly HostResult[]): string {
  const failed = results.filter(({ errors }) => errors.length > 0).map(({ host }) => host)
  return `${failed.join(', ')} failed`
}

/** All errors of a run, or undefined. */
export function errorsOf(results: readonly HostResult[]): BuildStackErrors | undefined {
  const errors: BuildStackError[] = results.flatMap((result) => result.errors)
  return errors.length > 0 ? new BuildStackErrors(errors) : undefined
}
