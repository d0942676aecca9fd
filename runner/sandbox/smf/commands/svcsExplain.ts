/** svcs -x: why an instance is in its state, and whom that hurts. */
import { full } from '../clock.ts'
import { filePath, parseFmri, RESTARTER } from '../fmri.ts'
import { canonical, type Dependency, dependencyVerdict } from '../graph/dependencies.ts'
import { select } from '../patterns.ts'
import { type Groups, value } from '../repository.ts'
import type { Output, Smf } from './command.ts'
import { needs } from './svcs.ts'

const MESSAGES = 'http://illumos.org/msg/'
const DEFAULT_MAN_PATH = '/usr/share/man/'

interface Reason {
  text: string
  code: string
}

export function explain(smf: Smf, operands: string[], verbose: boolean, output: Output): number {
  let status = 0
  let fmris: string[]
  if (operands.length > 0) {
    const selection = select(smf.repository, operands)
    for (const error of selection.errors) output.warn(error)
    if (selection.errors.length > 0) status = 1
    fmris = selection.fmris
  } else {
    fmris = [...smf.repository.instances()].map((i) => i.fmri).filter((fmri) => isCause(smf, fmri))
    fmris.sort((a, b) => impact(smf, b).length - impact(smf, a).length)
  }
  for (const [index, fmri] of fmris.entries()) {
    if (index > 0) output.line('')
    explainOne(smf, fmri, verbose, output)
  }
  return status
}

/** Worth showing unasked: in maintenance, or enabled and not running by no other instance's fault. */
function isCause(smf: Smf, fmri: string): boolean {
  const service = smf.startd.service(fmri)
  if (!service || service.running || service.state === 'uninitialized') return false
  if (service.state === 'maintenance') return true
  if (service.state === 'disabled') return smf.startd.graph.instance(fmri)?.enabled === true
  if (service.nextState !== undefined) return true
  return offlineReasons(smf, fmri).some((r) => r.code !== 'GE')
}

function explainOne(smf: Smf, fmri: string, verbose: boolean, output: Output): void {
  const name = parseFmri(fmri)
  if (!name) return
  const groups = smf.repository.composed(name)
  const state = value(groups, 'restarter', 'state') ?? '-'
  const stamp = Number(value(groups, 'restarter', 'state_timestamp') ?? 0)
  output.line(`${fmri} (${value(groups, 'tm_common_name', 'C') ?? '?'})`)
  output.line(` State: ${state} since ${full(new Date(stamp * 1000))}`)
  for (const reason of reasons(smf, fmri, groups, state)) {
    output.line(`Reason: ${reason.text}`)
    output.line(`   See: ${MESSAGES}SMF-8000-${reason.code}`)
  }
  for (const [groupName, { type, properties }] of Object.entries(groups)) {
    if (type !== 'template') continue
    const first = (property: string) => properties[property]?.values[0] ?? ''
    if (groupName.startsWith('tm_man_')) output.line(`   See: ${manual(first, verbose)}`)
    if (groupName.startsWith('tm_doc_')) output.line(`   See: ${first('uri')}`)
  }
  const log = value(groups, 'restarter', 'logfile')
  if (log !== undefined) output.line(`   See: ${log}`)
  const hurt = impact(smf, fmri)
  output.line(`Impact: ${impactText(hurt.length, smf.startd.service(fmri)?.running === true, verbose)}`)
  if (verbose) for (const other of hurt) output.line(`        ${other}`)
}

function manual(first: (property: string) => string, verbose: boolean): string {
  if (!verbose) return `${first('title')}(${first('section')})`
  const path = first('manpath') === ':default' ? DEFAULT_MAN_PATH : first('manpath')
  return `man -M ${path} -s ${first('section')} ${first('title')}`
}

function impactText(count: number, running: boolean, verbose: boolean): string {
  if (count === 0) return running ? 'None.' : 'This service is not running.'
  const text =
    count === 1 ? '1 dependent service is not running' : `${count} dependent services are not running`
  return verbose ? `${text}:` : `${text}.  (Use -v for list.)`
}

function reasons(smf: Smf, fmri: string, groups: Groups, state: string): Reason[] {
  const temporary = value(groups, 'general_ovr', 'enabled') !== undefined
  switch (state) {
    case 'online':
      return []
    case 'uninitialized':
    case '-':
      return [{ text: `Restarter ${RESTARTER} has not initialized service state.`, code: '4D' }]
    case 'disabled':
      return temporary
        ? [{ text: 'Temporarily disabled by an administrator.', code: '1S' }]
        : [{ text: 'Disabled by an administrator.', code: '05' }]
    case 'degraded':
      return [{ text: 'Degraded by an administrator.', code: 'VE' }]
    case 'maintenance':
      return [maintenanceReason(groups)]
    default: {
      const next = value(groups, 'restarter', 'next_state')
      if (next === 'online') return [{ text: 'Start method is running.', code: 'C4' }]
      if (next !== 'none' && next !== undefined)
        return [{ text: `Transitioning to state ${next}.`, code: '82' }]
      const found = offlineReasons(smf, fmri)
      return found.length > 0 ? found : [{ text: 'Unknown.', code: 'AR' }]
    }
  }
}

function maintenanceReason(groups: Groups): Reason {
  const auxiliary = value(groups, 'restarter', 'auxiliary_state')
  switch (auxiliary) {
    case 'administrative_request':
      return { text: 'Maintenance requested by an administrator.', code: '63' }
    case 'dependency_cycle':
      return { text: 'Completes a dependency cycle.', code: 'HP' }
    case 'invalid_dependency':
      return { text: 'Has invalid dependency.', code: 'JA' }
    case 'restarting_too_quickly':
      return { text: 'Restarting too quickly.', code: 'L5' }
    case 'fault_threshold_reached':
    case 'method_failed':
      return methodReason(groups, auxiliary === 'fault_threshold_reached')
    default:
      return { text: `Restarter ${RESTARTER} gave no explanation.`, code: '9C' }
  }
}

const SIGNAL_TEXTS: Record<number, string> = {
  1: 'Hangup',
  2: 'Interrupt',
  3: 'Quit',
  4: 'Illegal Instruction',
  6: 'Abort',
  8: 'Arithmetic Exception',
  9: 'Killed',
  11: 'Segmentation Fault',
  13: 'Broken Pipe',
  14: 'Alarm Clock',
  15: 'Terminated',
}

function methodReason(groups: Groups, repeatedly: boolean): Reason {
  const status = Number(value(groups, 'restarter', 'start_method_waitstatus') ?? 0)
  if (status === 0) return { text: repeatedly ? 'Method failed repeatedly.' : 'Method failed.', code: '8Q' }
  const code = status >> 8
  const signal = status & 0x7f
  let how = `exited with status ${code}`
  if (signal !== 0)
    how = SIGNAL_TEXTS[signal] ? `died on ${SIGNAL_TEXTS[signal]} (${signal})` : `died on signal ${signal}`
  else if (code === 96) how = 'exited with $SMF_EXIT_ERR_CONFIG'
  else if (code === 95) how = 'exited with $SMF_EXIT_ERR_FATAL'
  return { text: `Start method ${repeatedly ? 'failed repeatedly, last ' : ''}${how}.`, code: 'KS' }
}

/** What holds an offline instance back. */
function offlineReasons(smf: Smf, fmri: string): Reason[] {
  return smf.startd.graph
    .dependencies(fmri)
    .filter((d) => dependencyVerdict(smf.startd.graph, d, new Set([fmri])) !== 'satisfied')
    .flatMap((d) => d.entities.flatMap((entity) => entityReason(smf, d, entity)))
}

function entityReason(smf: Smf, dependency: Dependency, entity: string): Reason[] {
  const alone: Dependency = { ...dependency, entities: [entity] }
  if (dependencyVerdict(smf.startd.graph, alone, new Set()) === 'satisfied') return []
  const excluded = dependency.grouping === 'exclude_all'
  const name = parseFmri(entity)
  if (filePath(entity) !== undefined || !name)
    return [{ text: `Dependency ${entity} is absent.`, code: 'E2' }]
  const instances =
    name.instance === undefined ? smf.startd.graph.instancesOf(name.service) : [canonical(entity)]
  const known = instances.filter((i) => smf.startd.service(i))
  if (known.length === 0) return [{ text: `Dependency ${entity} is absent.`, code: 'E2' }]
  return known.map((instance) => {
    if (excluded) return { text: `Service ${instance} is running.`, code: 'E1' }
    const text = `Service ${instance} ${summary(smf, instance)}`
    const line =
      `Reason: ${text}`.length <= 80 ? text : `Service ${instance}\n        ${summary(smf, instance)}`
    return { text: line, code: 'GE' }
  })
}

function summary(smf: Smf, fmri: string): string {
  const service = smf.startd.service(fmri)
  const groups = smf.repository.instanceOf(fmri)?.groups ?? {}
  switch (service?.state) {
    case 'online':
    case 'degraded':
      return 'is running.'
    case 'uninitialized':
      return 'is uninitialized.'
    case 'disabled':
      return value(groups, 'general_ovr', 'enabled') === undefined
        ? 'is disabled.'
        : 'is temporarily disabled.'
    case 'offline':
      if (service.nextState === 'online') return 'is starting.'
      return offlineReasons(smf, fmri).some((r) => r.code === 'E2')
        ? 'has missing dependencies.'
        : 'is offline.'
    default:
      return MAINTENANCE_SUMMARIES[service?.auxiliary ?? ''] ?? 'requires maintenance.'
  }
}

const MAINTENANCE_SUMMARIES: Record<string, string> = {
  administrative_request: 'was taken down for maintenace by an administrator.',
  dependency_cycle: 'completed a dependency cycle.',
  fault_threshold_reached: 'is not running because a method failed repeatedly.',
  invalid_dependency: 'has an invalid dependency.',
  method_failed: 'is not running because a method failed.',
  restarting_too_quickly: 'was restarting too quickly.',
}

/** Instances that are enabled and do not run because of fmri, near and far. */
function impact(smf: Smf, fmri: string, seen = new Set<string>()): string[] {
  if (smf.startd.service(fmri)?.running) return []
  for (const { fmri: other } of smf.repository.instances()) {
    const instance = smf.startd.graph.instance(other)
    if (other === fmri || seen.has(other) || !instance?.enabled || instance.state !== 'offline') continue
    if (!needs(smf, other).includes(fmri)) continue
    if (!offlineReasons(smf, other).some((r) => r.text.includes(fmri))) continue
    seen.add(other)
    impact(smf, other, seen)
  }
  return [...seen]
}
