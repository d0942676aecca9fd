/** `build-stack rollback HOST RECIPE [--to VERSION]`: brings an earlier package back, without a build. */
import { loadProject } from '../config/load.ts'
import { keptPackages } from '../packages/keptPackages.ts'
import { planRollback } from '../plan/rollback.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { contextFor } from '../run/prepareHost.ts'
import { hostsToChange } from './confirmHosts.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { runPlans } from './runPlans.ts'

export interface RollbackOptions extends BuildOptions {
  to?: string
}

export async function rollback(name: string, recipe: string, options: RollbackOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const receipts: Record<string, Receipt> = {}
  return runPlans(project, await hostsToChange(project, [name], options), options, {
    receipts,
    prepare: async (host, facts, transport, { by }) => {
      const kept = await keptPackages(host, transport)
      return contextFor(host, facts, by, (titles) => {
        const made = planRollback(host, facts, kept, { recipe, to: options.to }, titles)
        Object.assign(receipts, made.receipts)
        return made.plan
      })
    },
  })
}
