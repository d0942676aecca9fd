/**
 * svcadm: asks svc.startd to enable, disable, restart, refresh, clear and mark instances.
 * Read in illumos: svcadm/svcadm.c (main, set_inst_enabled, wait_fmri_enabled, wait_fmri_disabled, clear_instance,
 * force_degraded, force_maintenance), svcadm(8).
 */
import { RESTARTER } from '../fmri.ts'
import type { Action } from '../graph/startd.ts'
import { type Selection, select } from '../patterns.ts'
import { own, type Property } from '../repository.ts'
import { type Call, type Command, nextChange, type Output, type Smf } from './command.ts'
import { enableWithDependencies } from './enableRecursive.ts'
import { getopt, type Options } from './getopt.ts'
import { goToMilestone, MILESTONES } from './milestone.ts'
import { hasPotential } from './potential.ts'
import { MILESTONE_USAGE, USAGE } from './svcadmUsage.ts'

interface Request extends Smf {
  call: Call
  output: Output
  verbose: boolean
  state: string | undefined
  status: number
}

export const svcadm: Command = async (smf, call, output: Output) => {
  const { options, operands, unknown } = getopt(call.args, 'S:vZz:')
  if (unknown !== undefined) output.usage(USAGE)
  const state = options.findLast((o) => o.letter === 'S')?.argument
  const verbose = options.some((o) => o.letter === 'v')
  const request: Request = { ...smf, call, output, verbose, state, status: 0 }
  const [subcommand, ...args] = operands
  const run = subcommand === undefined ? undefined : own(subcommands, subcommand)
  if (!run) output.usage(USAGE)
  await run(request, args)
  return request.status
}

const subcommands: Record<string, (request: Request, args: string[]) => Promise<void> | void> = {
  async enable(request, args) {
    const { letters, fmris, errors } = choose(request, args, 'rst')
    for (const fmri of fmris) {
      const temporary = letters.has('t')
      if (!letters.has('r')) setEnabled(request, fmri, true, temporary)
      else
        enableWithDependencies(request, fmri, {
          enable: (name) => setEnabled(request, name, true, temporary),
          warn: (text) => request.output.warn(text),
          line: (text) => request.output.line(text),
        })
    }
    const failed = request.status !== 0
    if (letters.has('s') && !failed) for (const fmri of fmris) await waitEnabled(request, fmri)
    if (errors.length > 0) request.status = 1
  },

  async disable(request, args) {
    const { letters, fmris, errors } = choose(request, args, 'c:st')
    for (const fmri of fmris) setEnabled(request, fmri, false, letters.has('t'))
    const failed = request.status !== 0
    if (letters.has('s') && !failed) for (const fmri of fmris) await waitDisabled(request, fmri)
    if (errors.length > 0) request.status = 1
  },

  restart(request, args) {
    const { fmris, errors } = choose(request, args, 'd')
    for (const fmri of fmris) act(request, fmri, 'restart', 'restart')
    if (errors.length > 0) request.status = 1
  },

  refresh(request, args) {
    const { fmris, errors } = choose(request, args, '')
    for (const fmri of fmris) act(request, fmri, 'refresh', 'refresh')
    if (errors.length > 0) request.status = 1
  },

  clear(request, args) {
    const { fmris, errors } = choose(request, args, '')
    for (const fmri of fmris) {
      const state = request.startd.service(fmri)?.state
      if (state === 'maintenance') act(request, fmri, 'clear', 'maint_off')
      else if (state === 'degraded') act(request, fmri, 'restore', 'restore')
      else fail(request, `Instance "${fmri}" is not in a maintenance or degraded state.`)
    }
    if (errors.length > 0) request.status = 1
  },

  mark(request: Request, args) {
    const { options, operands, unknown } = getopt(args, 'It')
    const [state, ...patterns] = operands
    if (unknown !== undefined || patterns.length === 0) request.output.usage(USAGE)
    const letters = new Set(options.map((o) => o.letter))
    if (state !== 'maintenance' && state !== 'degraded') request.output.usage(USAGE)
    if (state === 'degraded' && letters.has('t')) request.output.die('-t may not be used with degraded.', 2)
    const { fmris, errors } = report(request, patterns)
    for (const fmri of fmris) {
      if (state === 'maintenance')
        act(request, fmri, letters.has('I') ? 'maintainNow' : 'maintain', 'maint_on')
      else if (request.startd.service(fmri)?.state !== 'online')
        fail(request, `Instance "${fmri}" is not online.`)
      else act(request, fmri, 'degrade', 'degraded')
    }
    if (errors.length > 0) request.status = 1
  },

  milestone(request: Request, args) {
    const { options, operands, unknown } = getopt(args, 'd')
    const [name] = operands
    if (unknown !== undefined || name === undefined) request.output.usage(MILESTONE_USAGE)
    const milestone = ['all', 'none'].includes(name)
      ? name
      : select(request.repository, [name]).fmris.find((fmri) => MILESTONES.includes(fmri))
    if (milestone === undefined) request.output.die(`"${name}" is not a valid major milestone.`)
    if (permitted(request, RESTARTER))
      goToMilestone(request, milestone, { lasting: options.some((o) => o.letter === 'd') })
  },
}

/** Reads options and operands of a subcommand; says what matches nothing. */
function choose(request: Request, args: string[], letters: string): Selection & { letters: Set<string> } {
  const { options, operands, unknown }: Options = getopt(args, letters)
  const byState = request.state !== undefined
  if (unknown !== undefined || (operands.length === 0) !== byState) request.output.usage(USAGE)
  const selection = byState ? allInState(request) : report(request, operands)
  return { ...selection, letters: new Set(options.map((o) => o.letter)) }
}

function allInState({ startd, repository, state }: Request): Selection {
  const fmris = [...repository.instances()].map((i) => i.fmri)
  return { fmris: fmris.filter((fmri) => startd.service(fmri)?.state === state), errors: [] }
}

function report(request: Request, operands: string[]): Selection {
  const selection = select(request.repository, operands, { onlyGlobsMayMatchSeveral: true })
  for (const error of selection.errors) request.output.warn(error)
  return selection
}

function fail(request: Request, text: string): void {
  request.output.warn(text)
  request.status = 1
}

function permitted(request: Request, fmri: string): boolean {
  if (request.call.uid === 0) return true
  fail(request, `${fmri}: Permission denied.`)
  return false
}

function setEnabled(request: Request, fmri: string, enable: boolean, temporary: boolean): void {
  const { repository, startd, output } = request
  const instance = repository.instanceOf(fmri)
  if (!instance || !permitted(request, fmri)) return
  const value: Property = { type: 'boolean', values: [String(enable)] }
  const general = { name: 'general', type: 'framework' }
  if (!own(own(instance.groups, 'general')?.properties ?? {}, 'enabled'))
    repository.set(instance.groups, general, 'enabled', { type: 'boolean', values: ['false'] })
  if (temporary) {
    const override = { name: 'general_ovr', type: 'framework', nonPersistent: true } as const
    repository.set(instance.groups, override, 'enabled', value)
  } else {
    repository.set(instance.groups, general, 'enabled', value)
    const override = own(instance.groups, 'general_ovr')
    if (override) delete override.properties.enabled
  }
  repository.changed()
  startd.enabledChanged(fmri)
  if (request.verbose)
    output.line(`${fmri} ${temporary ? 'temporarily ' : ''}${enable ? 'enabled' : 'disabled'}.`)
}

function act(request: Request, fmri: string, action: Action, name: string): void {
  if (!permitted(request, fmri)) return
  request.startd.act(fmri, action)
  if (request.verbose) request.output.line(`Action ${name} set for ${fmri}.`)
}

async function waitEnabled(request: Request, fmri: string): Promise<void> {
  const { startd, output, call } = request
  for (; !call.signal.aborted; await nextChange(request, call.signal)) {
    const service = startd.service(fmri)
    if (service?.running) return
    if (!service || service.state === 'maintenance') {
      output.warn(`Instance "${fmri}" is in maintenance state.`)
      request.status = 3
      return
    }
    if (!startd.graph.instance(fmri)?.enabled) {
      output.warn(`Instance "${fmri}" has been disabled by another entity.`)
      request.status = 3
      return
    }
    if (!hasPotential(startd.graph, fmri)) {
      output.warn(`Instance "${fmri}" has unsatisfied dependencies.`)
      if (request.status === 0) request.status = 4
      return
    }
  }
}

async function waitDisabled(request: Request, fmri: string): Promise<void> {
  const { startd, output, call } = request
  for (; !call.signal.aborted; await nextChange(request, call.signal)) {
    const service = startd.service(fmri)
    if (!service || service.state === 'disabled') return
    if (startd.graph.instance(fmri)?.enabled) {
      output.warn(`Instance "${fmri}" has been enabled by another entity.`)
      request.status = 3
      return
    }
  }
}
