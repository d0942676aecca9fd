/** `build-stack HOST...`: plan, and unless it is a dry run, carry out. */
import type { Start } from '../build/keptSteps.ts'
import { loadProject } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import type { SavedOptions } from '../plan/savedPlan.ts'
import { prepareHost } from '../run/prepareHost.ts'
import { checkedRecipes } from '../run/run.ts'
import { hostsToChange } from './confirmHosts.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { runOrSave } from './runOrSave.ts'

/** @returns the exit status. @throws BuildStackError(s) for what is wrong before any host is touched. */
export async function build(names: string[], options: BuildOptions): Promise<number> {
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
  return runOrSave(project, hosts, options, () => askedFor(options), {
    start: startOf(options),
    prepare: (host, facts, _transport, { by, run, store }) =>
      prepareHost(host, facts, {
        recipes,
        only: options.only,
        by,
        run,
        packages: options.packages ? store : undefined,
        reinstall,
        conflicts: options.overwrite ? 'overwrite' : options.adopt ? 'adopt' : undefined,
      }),
  })
}

function askedFor({ only, packages, reinstall }: BuildOptions): SavedOptions {
  return { only, packages, ...(reinstall && { reinstall: only }) }
}

function startOf({ anew, from }: Pick<BuildOptions, 'anew' | 'from'>): Start {
  if (anew && from !== undefined) {
    throw new BuildStackError('USAGE', '--anew and --from say two different things', {
      next: '--anew begins with the first step, --from with the one that it names',
    })
  }
  if (anew) return { at: 'beginning' }
  return from === undefined ? { at: 'change' } : { at: 'step', title: from }
}
