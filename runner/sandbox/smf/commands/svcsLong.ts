/**
 * svcs -l: all about one instance.
 * Read in illumos: svcs/svcs.c (print_detailed, get_fmri_state, detailed_list_processes).
 */
import { full } from '../clock.ts'
import { filePath, parseFmri, RESTARTER } from '../fmri.ts'
import { readDependencies } from '../graph/dependencies.ts'
import { commandLine } from '../processes.ts'
import { value, values } from '../repository.ts'
import type { Output, Smf } from './command.ts'

export function describe(
  smf: Smf,
  fmri: string,
  options: { processes: boolean; first: boolean },
  output: Output,
): void {
  const name = parseFmri(fmri)
  if (!name) return
  const groups = smf.repository.composed(name)
  const line = (label: string, text: string | undefined) => {
    if (text !== undefined) output.line(`${label.padEnd(13)}${text}`)
  }
  if (!options.first) output.line('')
  line('fmri', fmri)
  line('name', value(groups, 'tm_common_name', 'C'))
  const temporary = value(groups, 'general_ovr', 'enabled')
  const lasting = value(groups, 'general', 'enabled')
  if (temporary !== undefined) line('enabled', temporary === lasting ? temporary : `${temporary} (temporary)`)
  else line('enabled', lasting)
  line('state', value(groups, 'restarter', 'state'))
  line('next_state', value(groups, 'restarter', 'next_state'))
  const stamp = value(groups, 'restarter', 'state_timestamp')
  line('state_time', stamp === undefined ? undefined : full(new Date(Number(stamp) * 1000)))
  line('logfile', value(groups, 'restarter', 'logfile'))
  line('restarter', value(groups, 'general', 'restarter') ?? RESTARTER)
  const contracts = values(groups, 'restarter', 'contract')
  if (contracts) output.line(`${'contract_id'.padEnd(13)}${contracts.map((c) => `${c} `).join('')}`)
  for (const { grouping, restartOn, entities } of readDependencies(
    smf.repository.composed(name, 'running'),
  ) ?? [])
    line(
      'dependency',
      `${grouping}/${restartOn} ${entities.map((e) => `${e} (${entityState(smf, e)})`).join(' ')}`,
    )
  const contract = options.processes ? smf.startd.service(fmri)?.contract : undefined
  if (contract === undefined) return
  const members = smf.contracts.members(contract).sort((a, b) => a.pid - b.pid)
  for (const member of members) line('process', `${member.pid} ${commandLine(member).slice(0, 80)}`)
}

/** State of what a dependency names: an instance, a service with one instance, or a file. */
function entityState(smf: Smf, entity: string): string {
  const path = filePath(entity)
  if (path !== undefined) return smf.startd.graph.fileExists(path) ? 'online' : 'absent'
  const name = parseFmri(entity)
  if (!name || name.group !== undefined) return 'invalid'
  const service = smf.repository.service(name.service)
  const instances = name.instance === undefined ? Object.keys(service?.instances ?? {}) : [name.instance]
  const [instance, ...more] = instances
  if (instance === undefined) return 'absent'
  if (more.length > 0) return 'multiple'
  const found = service?.instances[instance]
  return found ? (value(found.groups, 'restarter', 'state') ?? '-') : 'absent'
}
