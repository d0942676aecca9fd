/** What a host says of its services beyond the probe: services.sh's command, and its answer read. Pure. */
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'
import { scanFolder } from '../services/daemontoolsNames.ts'
import { quote } from '../shell.ts'
import { type Look, type LookFacts, lookCommand } from './lookCommand.ts'

export interface ServiceDetails {
  /** Whether it starts at the next boot; undefined where its supervisor does not say. */
  atBoot: boolean | undefined
  pids: number[]
  /** Path of its log on the host. */
  log: string | undefined
  /** Why it is not up, or does not stay so, in its supervisor's words or its own last ones; none where all is well. */
  reason: string | undefined
}

/** Identifiers of all services that receipts name, and of others in our name space; sorted. */
export function knownServices(facts: Pick<Facts, 'receipts' | 'services'>): string[] {
  const recorded = Object.values(facts.receipts).flatMap(({ services }) => services.map(({ fmri }) => fmri))
  return [...new Set([...recorded, ...facts.services.map(({ fmri }) => fmri)])].sort()
}

export function detailsCommand(
  host: Pick<Host, 'prefix' | 'path' | 'scan'>,
  facts: LookFacts,
  identifiers: readonly string[],
): Look {
  return lookCommand(host, facts, {
    assignments: [`scan=${quote(scanFolder(host))}`, `services=${quote(identifiers.join('\n'))}`],
    configuration: [],
    scripts: ['services.sh'],
  })
}

/** By identifier. @throws BuildStackError HOST for an answer that is cut. */
export function parseDetails(output: string, host: string): Map<string, ServiceDetails> {
  const lines = output.trimEnd().split('\n')
  if (lines.at(-1) !== 'end') {
    throw new BuildStackError('HOST', 'the host did not tell all of its services', {
      host,
      log: lines.slice(-8),
      next: 'run it again',
    })
  }
  const found = new Map<string, ServiceDetails>()
  for (const line of lines) {
    const [word, id = '', boot, pids = '', log, reason] = line.split('\t')
    if (word !== 'service') continue
    found.set(id, {
      atBoot: boot === 'true' ? true : boot === 'false' ? false : undefined,
      pids: pids.split(' ').filter(Boolean).map(Number),
      log: log || undefined,
      reason: reason || undefined,
    })
  }
  return found
}
