/** `build-stack HOST...`: plan, and unless it is a dry run, carry out. */
import { loadProject } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import { prepareHost } from '../run/prepareHost.ts'
import { checkedRecipes } from '../run/run.ts'
import { hostsToChange } from './confirmHosts.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { runPlans } from './runPlans.ts'

/** @returns the exit status. @throws BuildStackError(s) for what is wrong before any host is touched. */
export async function build(names: string[], options: BuildOptions): Promise<number> {
  if (names.length === 0) {
    throw new BuildStackError('USAGE', 'no host was named', {
      next: 'name one of hosts.yaml, or see build-stack --help',
    })
  }
  const project = await loadProject(projectFolder(options.directory))
  const hosts = await hostsToChange(project, names, options)
  const recipes = await checkedRecipes(project, hosts, options.only)
  return runPlans(project, hosts, options, {
    prepare: (host, facts, _transport, { by, store }) =>
      prepareHost(host, facts, {
        recipes,
        only: options.only,
        by,
        packages: options.packages ? store : undefined,
      }),
  })
}
