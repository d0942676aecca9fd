/** `build-stack status [HOST...]`: one probe of each host, and what it has. */

import type { Host } from '../config/hosts.ts'
import { loadProject } from '../config/load.ts'
import type { Facts } from '../probe/facts.ts'
import { shownState } from '../services/serviceState.ts'
import { onHosts, throwErrors } from './onHosts.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { wantsColor } from './report/color.ts'
import { statusMatrix } from './report/statusMatrix.ts'
import { type StatusRow, statusJson, statusTable } from './report/statusTable.ts'
import { hostsOrAll } from './selectHosts.ts'

/** More are shown as a matrix. */
const HOSTS_IN_FULL = 2

export async function status(names: string[], options: ConnectingOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const hosts = hostsOrAll(project, names)
  const results = await onHosts(project, hosts, options, ({ host, facts }) => rowsOf(host, facts))
  const rows = results.answers.flatMap(({ answer }) => answer)
  const answered = results.answers.map(({ host }) => host.name)
  const color = wantsColor(process.stdout.isTTY, process.env)
  process.stdout.write(lineEnded(text()))
  throwErrors(results)
  return 0

  function text(): string {
    if (options.json) return statusJson(rows)
    if (hosts.length <= HOSTS_IN_FULL) return statusTable(answered, rows, { color, now: new Date() })
    return statusMatrix(answered, rows, { color, width: process.stdout.columns ?? Number.POSITIVE_INFINITY })
  }
}

/** What is installed, then what hosts.yaml names besides. */
function rowsOf(host: Host, facts: Facts): StatusRow[] {
  const installed = Object.values(facts.receipts).map(
    (receipt): StatusRow => ({
      host: host.name,
      recipe: receipt.recipe,
      version: receipt.version,
      installedAt: receipt.installedAt,
      service: receipt.services.map(({ fmri }) => ({
        fmri,
        state: shownState(fmri, facts),
        since: undefined,
      })),
      wanted: host.recipes[receipt.recipe]?.version,
    }),
  )
  const missing = Object.entries(host.recipes)
    .filter(([recipe]) => !facts.receipts[recipe])
    .map(
      ([recipe, { version }]): StatusRow => ({
        host: host.name,
        recipe,
        version: undefined,
        installedAt: undefined,
        service: [],
        wanted: version,
      }),
    )
  return [...installed, ...missing]
}

function lineEnded(text: string): string {
  return text === '' ? '' : `${text}\n`
}
