/**
 * svcs -x: why an instance is in its state, and whom that hurts.
 * Read in illumos: svcs/explain.c (explain, determine_causes, print_reasons, print_dependency_reasons).
 */
import { full } from '../clock.ts'
import { parseFmri, RESTARTER } from '../fmri.ts'
import { CauseFinder, type CauseGraph } from '../graph/causes.ts'
import { select } from '../patterns.ts'
import { type Groups, value } from '../repository.ts'
import type { Output, Smf } from './command.ts'

const MESSAGES = 'http://illumos.org/msg/'
const DEFAULT_MAN_PATH = '/usr/share/man/'

interface Explanation {
  smf: Smf
  causes: CauseFinder
  verbose: boolean
}

interface Reason {
  text: string
  /** Behind SMF-8000- in the knowledge article's name. */
  code: string
  /** Further lines, of -v. */
  more?: string[]
}

export function explain(smf: Smf, operands: string[], verbose: boolean, output: Output): number {
  const causes = findCauses(smf)
  const { fmris, errors } = select(smf.repository, operands)
  for (const error of errors) output.warn(error)
  const ordered = causes.roots().sort((a, b) => causes.impact(b).length - causes.impact(a).length)
  const shown = operands.length > 0 ? fmris : ordered
  for (const [index, fmri] of shown.entries()) {
    if (index > 0) output.line('')
    explainOne({ smf, causes, verbose }, fmri, output)
  }
  return errors.length > 0 ? 1 : 0
}

function findCauses({ repository, startd }: Smf): CauseFinder {
  const { graph } = startd
  const view: CauseGraph = {
    instance: (fmri) => graph.instance(fmri),
    instancesOf: (service) => graph.instancesOf(service),
    dependencies: (fmri) => graph.dependencies(fmri),
    fileExists: (file) => graph.fileExists(file),
    isMoving: (fmri) => startd.service(fmri)?.nextState !== undefined,
  }
  return new CauseFinder(
    view,
    [...repository.instances()].map((i) => i.fmri),
  )
}

function explainOne(explanation: Explanation, fmri: string, output: Output): void {
  const { smf, causes, verbose } = explanation
  const name = parseFmri(fmri)
  if (!name) return
  const groups = smf.repository.composed(name)
  const state = value(groups, 'restarter', 'state') ?? '-'
  const stamp = Number(value(groups, 'restarter', 'state_timestamp') ?? 0)
  output.line(`${fmri} (${value(groups, 'tm_common_name', 'C') ?? '?'})`)
  output.line(` State: ${state} since ${full(new Date(stamp * 1000))}`)
  for (const reason of reasons(explanation, fmri, groups, state)) {
    output.line(`Reason: ${reason.text}`)
    output.line(`   See: ${MESSAGES}SMF-8000-${reason.code}`)
    for (const line of reason.more ?? []) output.line(line)
  }
  for (const [groupName, { type, properties }] of Object.entries(groups)) {
    if (type !== 'template') continue
    const first = (property: string) => properties[property]?.values[0] ?? ''
    if (groupName.startsWith('tm_man_')) output.line(`   See: ${manual(first, verbose)}`)
    if (groupName.startsWith('tm_doc_')) output.line(`   See: ${first('uri')}`)
  }
  const log = value(groups, 'restarter', 'logfile')
  if (log !== undefined) output.line(`   See: ${log}`)
  const hurt = causes.impact(fmri)
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

function reasons(explanation: Explanation, fmri: string, groups: Groups, state: string): Reason[] {
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
      const found = offlineReasons(explanation, fmri)
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
function offlineReasons({ smf, causes, verbose }: Explanation, fmri: string): Reason[] {
  const { absent, roots } = causes.of(fmri)
  const result: Reason[] = absent.map((entity) => ({ text: `Dependency ${entity} is absent.`, code: 'E2' }))
  for (const root of roots.keys()) {
    if (root === fmri) continue
    const running = smf.startd.service(root)?.running === true
    const more = verbose ? [`  Path: ${fmri}`, ...path(causes, fmri, root)] : []
    if (running) result.push({ text: `Service ${root} is running.`, code: 'E1', more })
    else result.push({ text: serviceText(root, summary({ smf, causes, verbose }, root)), code: 'GE', more })
  }
  return result
}

function serviceText(fmri: string, what: string): string {
  const oneLine = `Service ${fmri} ${what}`
  return `Reason: ${oneLine}`.length <= 80 ? oneLine : `Service ${fmri}\n        ${what}`
}

/** The instances on the way from one to the root of its trouble, each further to the right. */
function path(causes: CauseFinder, fmri: string, root: string): string[] {
  const lines: string[] = []
  for (let at = fmri; at !== root && lines.length < 100; ) {
    at = causes.of(at).roots.get(root) ?? root
    lines.push(`${' '.repeat(8 + 2 * (lines.length + 1))}${at}`)
  }
  return lines
}

function summary({ smf, causes }: Explanation, fmri: string): string {
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
      return causes.of(fmri).absent.length > 0 ? 'has missing dependencies.' : 'is offline.'
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
