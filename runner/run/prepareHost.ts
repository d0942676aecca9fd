/** A connected host -> its facts and the plan for it. The decisions are made by pure code; this file only brings them their input. */
import { type JobContext, stepTitles } from '../build/job.ts'
import type { Host } from '../config/hosts.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import type { Build } from '../desired/build.ts'
import { makeBuild, platformOf } from '../desired/makeBuild.ts'
import { resolve } from '../desired/resolve.ts'
import { BuildStackError } from '../errors.ts'
import { makePlan } from '../plan/makePlan.ts'
import type { Plan } from '../plan/plan.ts'
import type { Facts } from '../probe/facts.ts'
import { supervisors } from '../services/index.ts'

export interface Prepared {
  plan: Plan
  context: JobContext
  /** Contents of the patches that the plan's builds name. */
  patchContent: (file: string) => Buffer
}

export function prepareHost(
  host: Host,
  facts: Facts,
  recipes: ReadonlyMap<string, LoadedRecipe>,
  only: readonly string[],
  by: string,
): Prepared {
  const builds = new Map<string, Build>()
  const supervisor = facts.supervisor && supervisors[facts.supervisor]
  const context: JobContext = { host, facts, supervisor, by }
  let patchContent: Prepared['patchContent'] = () => Buffer.alloc(0)
  for (const selection of resolve(host, recipes, facts, only)) {
    builds.set(selection.recipe.name, makeBuild(selection, { host, facts, builds }))
    patchContent = selection.recipe.patchContent
  }
  const list = [...builds.values()]
  requireSupervisor(list, host, context)
  const wanted = { host: host.name, prefix: host.prefix, platform: platformOf(facts), builds: list }
  const plan = makePlan(wanted, facts, (build, kind) => stepTitles(build, kind, context))
  return { plan, context, patchContent }
}

function requireSupervisor(builds: Build[], host: Host, { supervisor }: JobContext): void {
  const first = builds.find((build) => build.services.length > 0)
  if (!first || supervisor) return
  throw new BuildStackError(
    'PREREQUISITE',
    `the host has no supervisor for the service of ${first.recipe} (looked for SMF)`,
    {
      host: host.name,
      recipe: `${first.recipe} ${first.version}`,
      next: 'use a host that has SMF (svcs, svcadm, svccfg on the PATH of hosts.yaml)',
    },
  )
}
