/** `build-stack services [HOST...]`: every service of hosts: whether it is up, and if not, why. */
import { loadProject } from '../config/load.ts'
import type { Facts } from '../probe/facts.ts'
import { shownState } from '../services/serviceState.ts'
import { detailsCommand, knownServices, parseDetails, type ServiceDetails } from '../verify/serviceDetails.ts'
import { type OpenHost, onHosts, throwErrors } from './onHosts.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { wantsColor } from './report/color.ts'
import { isDown, type ServiceRow, servicesJson, servicesText } from './report/servicesText.ts'
import { hostsOrAll } from './selectHosts.ts'

/** Exit status when a service is not up that should be. */
const DOWN = 1

export async function services(names: string[], options: ConnectingOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const results = await onHosts(project, hostsOrAll(project, names), options, rowsOf)
  const color = wantsColor(process.stdout.isTTY, process.env)
  const now = new Date()
  for (const { host, answer } of results.answers) {
    const text = options.json ? servicesJson(answer) : servicesText(host.name, answer, { color, now })
    if (text !== '') process.stdout.write(`${text}\n`)
  }
  throwErrors(results)
  return results.answers.some(({ answer }) => answer.some(isDown)) ? DOWN : 0
}

async function rowsOf({ host, facts, transport }: OpenHost): Promise<ServiceRow[]> {
  const known = knownServices(facts)
  if (known.length === 0) return []
  const { command, stdin } = detailsCommand(host, facts, known)
  const { stdout } = await transport.exec(command, { stdin })
  const details = parseDetails(stdout.toString('utf8'), host.name)
  return known.map((fmri) => rowOf(host.name, fmri, facts, details.get(fmri)))
}

function rowOf(host: string, fmri: string, facts: Facts, details: ServiceDetails | undefined): ServiceRow {
  const receipt = Object.values(facts.receipts).find(({ services }) =>
    services.some((service) => service.fmri === fmri),
  )
  const found = facts.services.find((service) => service.fmri === fmri)
  return {
    host,
    fmri,
    state: shownState(fmri, facts),
    nextState: found?.nextState,
    since: found?.since,
    recipe: receipt && { name: receipt.recipe, version: receipt.version },
    atBoot: details?.atBoot,
    pids: details?.pids ?? [],
    log: details?.log,
    reason: details?.reason ?? facts.servicesUnknown,
  }
}
