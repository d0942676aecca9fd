/** `build-stack start|stop|restart|refresh HOST SERVICE...`: a job for each recipe, so that no other one runs meanwhile. */
import { loadProject } from '../config/load.ts'
import { planServices } from '../plan/serviceWish.ts'
import { contextFor } from '../run/prepareHost.ts'
import { supervisors } from '../services/index.ts'
import type { ServiceVerb } from '../services/supervisor.ts'
import { hostsToChange } from './confirmHosts.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { runPlans } from './runPlans.ts'
import { soundBuilds } from './soundBuilds.ts'

export async function controlServices(
  verb: ServiceVerb,
  name: string,
  words: string[],
  options: BuildOptions,
): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  return runPlans(project, await hostsToChange(project, [name], options), options, {
    prepare: async (host, facts, _transport, surroundings) => {
      const supervisor = facts.supervisor && supervisors[facts.supervisor]
      const builds = await soundBuilds({ host, facts }, project)
      return contextFor(host, facts, surroundings, (titles) =>
        planServices(host, facts, { verb, words }, { supervisor, builds }, titles),
      )
    },
  })
}
