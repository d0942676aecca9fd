/** Carries plans out, or with --out saves them for `apply`. */
import type { Host } from '../config/hosts.ts'
import type { Project } from '../config/load.ts'
import type { SavedOptions } from '../plan/savedPlan.ts'
import { byWhom } from './byWhom.ts'
import { type PlannedHost, type PreparedRun, type RunOptions, runPlans } from './runPlans.ts'

/** `asked` is called when the plans are made. @returns the exit status. */
export async function runOrSave(
  project: Project,
  hosts: Host[],
  options: RunOptions & { out?: string },
  asked: () => SavedOptions,
  prepared: PreparedRun,
): Promise<number> {
  const { out } = options
  if (out === undefined) return runPlans(project, hosts, options, prepared)
  let saved = false
  // A plan is saved to be looked at first.
  const status = await runPlans(
    project,
    hosts,
    { ...options, dryRun: true },
    {
      ...prepared,
      next: `build-stack apply ${out} carries out just this`,
      planned: async (planned) => {
        await savePlans(out, asked(), planned)
        saved = true
      },
    },
  )
  // What is approved is all of it or nothing.
  if (!saved) process.stderr.write(`${out} was not written: not every host has a plan\n`)
  return status
}

async function savePlans(file: string, options: SavedOptions, planned: PlannedHost[]): Promise<void> {
  const [{ savedHost, SAVED_PLAN_FORMAT }, { writeSavedPlan }] = await Promise.all([
    import('../plan/savedPlan.ts'),
    import('./savedPlanFile.ts'),
  ])
  await writeSavedPlan(file, {
    format: SAVED_PLAN_FORMAT,
    madeAt: new Date().toISOString(),
    madeBy: byWhom(),
    options,
    hosts: planned.map(({ host, facts, plan }) => savedHost(host, facts, plan)),
  })
}
