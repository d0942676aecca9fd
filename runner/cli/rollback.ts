/** `build-stack rollback HOST [RECIPE] [--to VERSION]`: brings earlier packages back, without a build. */
import type { Host } from '../config/hosts.ts'
import { loadProject } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import { keptPackages } from '../packages/keptPackages.ts'
import { lastRun } from '../plan/lastRun.ts'
import { planRollback, type RollbackWish } from '../plan/rollback.ts'
import { readHistory } from '../receipts/readHistory.ts'
import { contextFor } from '../run/prepareHost.ts'
import type { Transport } from '../transports/transport.ts'
import { hostsToChange } from './confirmHosts.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { runOrSave } from './runOrSave.ts'
import type { PreparedRun } from './runPlans.ts'

export interface RollbackOptions extends BuildOptions {
  to?: string
}

export async function rollback(
  name: string,
  recipe: string | undefined,
  options: RollbackOptions,
): Promise<number> {
  if (recipe === undefined && options.to !== undefined) {
    throw new BuildStackError('USAGE', '--to needs to know of which recipe', {
      next: `name it: build-stack rollback ${name} RECIPE --to ${options.to}`,
    })
  }
  const project = await loadProject(projectFolder(options.directory))
  const hosts = await hostsToChange(project, [name], options)
  const rollback: Record<string, RollbackWish[]> = {}
  const run = rollbackRun(async (host, transport) => {
    const wishes =
      recipe === undefined ? await wishesOfLastRun(host, transport) : [{ recipe, to: options.to }]
    rollback[host.name] = wishes
    return wishes
  })
  return runOrSave(project, hosts, options, () => ({ only: [], packages: true, rollback }), run)
}

/** Also for a plan that was saved. */
export function rollbackRun(
  wishesOf: (host: Host, transport: Transport) => Promise<RollbackWish[]>,
): PreparedRun {
  return {
    prepare: async (host, facts, transport, surroundings) => {
      const wishes = await wishesOf(host, transport)
      const kept = await keptPackages(host, transport)
      let receipts = {}
      const prepared = contextFor(host, facts, surroundings, (titles) => {
        const made = planRollback(host, facts, kept, wishes, titles)
        receipts = made.receipts
        return made.plan
      })
      return { ...prepared, receipts }
    },
  }
}

/** What the last run replaced. What it did besides is named, and stays. */
async function wishesOfLastRun(host: Host, transport: Transport): Promise<RollbackWish[]> {
  const { entries } = await readHistory(host.prefix, transport)
  const { wishes, others } = lastRun(host.name, entries)
  for (const { recipe, action } of others) {
    process.stderr.write(`${host.name}: the ${action} of ${recipe} by the same run stays as it is\n`)
  }
  return wishes
}
