/** `build-stack compare HOST HOST`: what two hosts have, side by side. */
import { type Comparison, compareHosts } from '../compare/compareHosts.ts'
import { differingLists } from '../compare/readLists.ts'
import { loadProject } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import { type OpenHost, onHosts, throwErrors } from './onHosts.ts'
import { projectFolder } from './projectFolder.ts'
import type { CompareOptions } from './readingCommands.ts'
import { wantsColor } from './report/color.ts'
import { compareJson, compareText } from './report/compareText.ts'
import { hostNamed } from './selectHosts.ts'

/** Exit status when the two differ. */
const DIFFERENT = 1

export async function compare(one: string, other: string, options: CompareOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const [left, right] = [hostNamed(project, one), hostNamed(project, other)]
  if (left === right) {
    throw new BuildStackError('USAGE', `${one} cannot be compared with itself`, { next: 'name two hosts' })
  }
  // One inside the other: both are open when the lists that differ are asked for.
  const outer = await onHosts(project, [left], options, (open) =>
    onHosts(project, [right], options, (besides) => compareOpen(open, besides)),
  )
  throwErrors(outer)
  const inner = outer.answers.map(({ answer }) => answer)
  for (const results of inner) throwErrors(results)
  const found = inner.flatMap(({ answers }) => answers.map(({ answer }) => answer))
  const color = wantsColor(process.stdout.isTTY, process.env)
  for (const comparison of found) {
    const text = options.json
      ? compareJson(comparison)
      : compareText(comparison, { color, all: options.verbose })
    process.stdout.write(`${text}\n`)
  }
  return found.some(({ different }) => different.length > 0) ? DIFFERENT : 0
}

async function compareOpen(left: OpenHost, right: OpenHost): Promise<Comparison> {
  const [one, other] = await differingLists(listHost(left), listHost(right))
  return compareHosts(side(left, one), side(right, other))
}

function listHost({ host, facts, transport }: OpenHost): Parameters<typeof differingLists>[0] {
  return { host: host.name, prefix: host.prefix, receipts: facts.receipts, transport }
}

function side(
  { host, facts }: OpenHost,
  files: Parameters<typeof compareHosts>[0]['files'],
): Parameters<typeof compareHosts>[0] {
  return { host: host.name, receipts: facts.receipts, services: statesOf(facts), files }
}

/** Of a supervisor that does not answer nothing is known, not even that a service is absent. */
function statesOf({ receipts, services, servicesUnknown }: OpenHost['facts']): OpenHost['facts']['services'] {
  if (servicesUnknown === undefined) return services
  return Object.values(receipts).flatMap((receipt) =>
    receipt.services.map(({ fmri }) => ({ fmri, state: 'unknown', nextState: '-', since: '' })),
  )
}
