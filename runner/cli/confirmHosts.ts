/** A run for every host there is begins with a question, so that a pattern too wide changes nothing by itself. */
import type { Host } from '../config/hosts.ts'
import type { Project } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import { hostsNamed, isEverything } from './selectHosts.ts'
import { confirm, isTerminal } from './terminal.ts'

const SHOWN = 8

/**
 * The hosts that the words name, for a command that changes them. Asks where these are all of several and not each
 * of them was named.
 * @throws BuildStackError USAGE as hostsNamed and where there is no terminal to ask on, INTERRUPTED for a no.
 */
export async function hostsToChange(
  project: Pick<Project, 'hosts'>,
  words: readonly string[],
  { dryRun, yes, out }: { dryRun: boolean; yes: boolean; out?: string },
): Promise<Host[]> {
  const hosts = hostsNamed(project, words)
  // A plan that is saved changes nothing either.
  if (!dryRun && out === undefined && !yes && isEverything(project, words, hosts)) await confirmHosts(hosts)
  return hosts
}

async function confirmHosts(hosts: readonly Host[]): Promise<void> {
  const what = `all ${hosts.length} hosts (${listed(hosts.map((host) => host.name))})`
  if (!isTerminal()) {
    throw new BuildStackError('USAGE', `this run would be for ${what}, and there is no terminal to ask on`, {
      next: 'add --yes, or look at it with --dry-run first',
    })
  }
  if (await confirm(`This run is for ${what}. Go on? (yes/no) `)) return
  throw new BuildStackError('INTERRUPTED', 'not run: the answer was no', {
    next: 'name fewer hosts, or look at it with --dry-run first',
  })
}

function listed(names: readonly string[]): string {
  const more = names.length - SHOWN
  return more > 1 ? `${names.slice(0, SHOWN).join(', ')} and ${more} more` : names.join(', ')
}
