/** `build-stack apply FILE`: carries out a plan that was saved and approved, exactly so, or not at all. */

import type { Host } from '../config/hosts.ts'
import { loadProject, type Project, unknownHost } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import type { Conflicts } from '../plan/plan.ts'
import { plannedAgain } from '../plan/plannedAgain.ts'
import { planName, type SavedHost, type SavedPlan, savedHost } from '../plan/savedPlan.ts'
import { staleness } from '../plan/staleness.ts'
import { type Prepared, prepareHost } from '../run/prepareHost.ts'
import { checkedRecipes } from '../run/run.ts'
import { adoptionRun } from './adopt.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { removalRun } from './remove.ts'
import { rollbackRun } from './rollback.ts'
import { type PreparedRun, runPlans } from './runPlans.ts'
import { readSavedPlan } from './savedPlanFile.ts'

export type ApplyOptions = Omit<BuildOptions, 'only' | 'packages' | 'yes' | 'out'>

/** A host for which the plan does not fit any more is refused; the others go on. */
export async function apply(file: string, options: ApplyOptions): Promise<number> {
  const saved = await readSavedPlan(file)
  const project = await loadProject(projectFolder(options.directory))
  const hosts = hostsOf(saved, project)
  const made = await runOf(saved, project, hosts)
  return runPlans(project, hosts, options, {
    ...made,
    name: planName(saved),
    next: `run without --dry-run to apply ${file}`,
    prepare: async (host, facts, transport, surroundings) => {
      const planned = saved.hosts.find((one) => one.host === host.name) as SavedHost
      return asPlanned(planned, await made.prepare(host, facts, transport, surroundings), saved, file)
    },
  })
}

/** The way in which the plan was made, to make it again. */
async function runOf(saved: SavedPlan, project: Project, hosts: readonly Host[]): Promise<PreparedRun> {
  const { only, packages, reinstall, rollback, remove, adopt } = saved.options
  if (rollback) return rollbackRun(async ({ name }) => rollback[name] ?? [])
  if (remove) return removalRun(remove)
  if (adopt) return adoptionRun(project, hosts[0] as Host, adopt)
  const recipes = await checkedRecipes(project, hosts, only)
  return {
    prepare: (host, facts, _transport, { by, run, store }) =>
      prepareHost(host, facts, {
        recipes,
        only,
        by,
        run,
        packages: packages ? store : undefined,
        reinstall: reinstall ?? [],
        conflicts: conflictsOf(saved, host.name),
      }),
  }
}

function conflictsOf(saved: SavedPlan, name: string): Conflicts | undefined {
  const planned = saved.hosts.find(({ host }) => host === name)
  return planned?.plan.actions.find(({ conflicts }) => conflicts)?.conflicts
}

function hostsOf(saved: SavedPlan, project: Project): Host[] {
  return saved.hosts.map(({ host: name }) => {
    const host = project.hosts.get(name)
    if (!host) throw unknownHost(name, project)
    return host
  })
}

/** @throws BuildStackError STALE, with a line for each thing that has changed. */
function asPlanned(planned: SavedHost, prepared: Prepared, saved: SavedPlan, file: string): Prepared {
  const { host, facts } = prepared.context
  const found = staleness(planned, savedHost(host, facts, prepared.plan))
  if (found.length === 0) return { ...prepared, plan: plannedAgain(planned, prepared.plan) }
  const [first = '', ...more] = found
  const message = [`the plan of ${saved.madeAt} does not fit any more: ${first}`, ...more].join('\n')
  throw new BuildStackError('STALE', message, {
    host: host.name,
    next: `look at it again: build-stack ${host.name} --out ${file}`,
  })
}
