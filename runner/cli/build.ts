/** `build-stack HOST...`: plan, and unless it is a dry run, carry out. */
import { hostname, userInfo } from 'node:os'
import { loadProject } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import { prepareHost } from '../run/prepareHost.ts'
import { checkedRecipes } from '../run/run.ts'
import { hostsToChange } from './confirmHosts.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { type PlannedHost, runPlans } from './runPlans.ts'

/** @returns the exit status. @throws BuildStackError(s) for what is wrong before any host is touched. */
export async function build(names: string[], given: BuildOptions): Promise<number> {
  // A plan is saved to be looked at, and carried out with `apply`.
  const options = { ...given, dryRun: given.dryRun || given.out !== undefined }
  if (names.length === 0) {
    throw new BuildStackError('USAGE', 'no host was named', {
      next: 'name one of hosts.yaml, or see build-stack --help',
    })
  }
  if (options.reinstall && options.only.length === 0) {
    throw new BuildStackError('USAGE', '--reinstall needs to know which recipes', {
      next: 'name them: build-stack HOST --only RECIPE --reinstall',
    })
  }
  const reinstall = options.reinstall ? options.only : []
  const project = await loadProject(projectFolder(options.directory))
  const hosts = await hostsToChange(project, names, options)
  const recipes = await checkedRecipes(project, hosts, options.only)
  const { out } = options
  let saved = false
  const status = await runPlans(project, hosts, options, {
    ...(out !== undefined && {
      next: `build-stack apply ${out} carries out just this`,
      planned: async (planned) => {
        await savePlans(out, options, planned)
        saved = true
      },
    }),
    prepare: (host, facts, _transport, { by, store }) =>
      prepareHost(host, facts, {
        recipes,
        only: options.only,
        by,
        packages: options.packages ? store : undefined,
        reinstall,
        conflicts: options.overwrite ? 'overwrite' : options.adopt ? 'adopt' : undefined,
      }),
  })
  // What is approved is all of it or nothing.
  if (out !== undefined && !saved) process.stderr.write(`${out} was not written: not every host has a plan\n`)
  return status
}

async function savePlans(file: string, options: BuildOptions, planned: PlannedHost[]): Promise<void> {
  const [{ savedHost, SAVED_PLAN_FORMAT }, { writeSavedPlan }] = await Promise.all([
    import('../plan/savedPlan.ts'),
    import('./savedPlanFile.ts'),
  ])
  await writeSavedPlan(file, {
    format: SAVED_PLAN_FORMAT,
    madeAt: new Date().toISOString(),
    madeBy: `${userInfo().username}@${hostname()}`,
    options: {
      only: options.only,
      packages: options.packages,
      ...(options.reinstall && { reinstall: options.only }),
    },
    hosts: planned.map(({ host, facts, plan }) => savedHost(host, facts, plan)),
  })
}
