/**
 * svccfg's commands about services, instances and their snapshots.
 * Read in illumos: svccfg/svccfg_libscf.c (lscf_select, lscf_unselect, lscf_list, lscf_add, lscf_delete,
 * lscf_listsnap, lscf_revert, lscf_refresh).
 */
import { formatFmri, instanceFmri, isName, isServiceName, parseFmri } from '../../fmri.ts'
import { globExpression, isGlob, select } from '../../patterns.ts'
import { own, type Service } from '../../repository.ts'
import { fail, requirePermission, type Session, type Subcommand, warn, words } from './session.ts'

export const selectEntity: Subcommand = (session, tokens) => {
  const [name] = words(tokens, 1, 1) ?? []
  if (name === undefined) return false
  choose(session, name)
  return true
}

/** Selects by name below the selection, by FMRI or by pattern. */
export function choose(session: Session, name: string): void {
  const { repository } = session.smf
  if (name === 'svc:') {
    session.selection = undefined
    return
  }
  if (name === ':properties')
    fail(session, ":properties is not an entity.  Try 'listprop' to list properties.")
  const { selection } = session
  if (selection === undefined && repository.service(name)) session.selection = { service: name }
  else if (
    selection !== undefined &&
    selection.instance === undefined &&
    repository.instance({ service: selection.service, instance: name })
  )
    session.selection = { service: selection.service, instance: name }
  else session.selection = find(session, name)
}

function find(session: Session, pattern: string): { service: string; instance?: string } {
  const { fmris, errors } = select(session.smf.repository, [pattern], { services: 'prefer' })
  if (errors[0] !== undefined) fail(session, errors[0])
  if (fmris.length > 1)
    fail(
      session,
      `Pattern '${pattern}' matches multiple instances:\n${fmris.map((f) => `\t${f}`).join('\n')}`,
    )
  return (
    parseFmri(fmris[0] ?? '') ?? fail(session, `Pattern '${pattern}' doesn't match any instances or services`)
  )
}

export const unselect: Subcommand = (session, tokens) => {
  if (tokens.length > 0) return false
  const { selection } = session
  if (selection === undefined) fail(session, 'Cannot unselect at scope level.')
  session.selection = selection.instance === undefined ? undefined : { service: selection.service }
  return true
}

export const list: Subcommand = (session, tokens) => {
  const [pattern] = words(tokens, 0, 1) ?? []
  if (pattern === undefined && tokens.length > 0) return false
  const { selection, output, smf } = session
  const matches = pattern === undefined ? undefined : globExpression(pattern)
  if (selection !== undefined) output.line(':properties')
  if (selection?.instance !== undefined) return true
  const names = selection
    ? Object.keys(smf.repository.service(selection.service)?.instances ?? {})
    : smf.repository.serviceNames()
  for (const name of names) if (!matches || matches.test(name)) output.line(name)
  return true
}

export const add: Subcommand = (session, tokens) => {
  const [name] = words(tokens, 1, 1) ?? []
  if (name === undefined) return false
  requirePermission(session)
  const { selection } = session
  const { repository } = session.smf
  if (selection?.instance !== undefined) fail(session, 'Cannot add entities to an instance.')
  if (!(selection ? isName(name) : isServiceName(name))) fail(session, 'Invalid name.')
  if (selection === undefined) {
    if (repository.service(name)) fail(session, 'Service already exists.')
    repository.services[name] = { groups: {}, instances: {} }
  } else {
    const service = repository.service(selection.service)
    if (!service) return true
    if (own(service.instances, name)) fail(session, 'Instance already exists.')
    service.instances[name] = { groups: {}, snapshots: {} }
  }
  repository.changed()
  return true
}

export const deleteEntity: Subcommand = async (session, tokens) => {
  const given = words(tokens, 1, 2)
  const force = given?.length === 2
  if (!given || (force && given[0] !== '-f')) return false
  requirePermission(session)
  const name = given[given.length - 1] ?? ''
  const { repository } = session.smf
  const inside = session.selection && { service: session.selection.service, instance: name }
  if (inside && repository.instance(inside)) await deleteInstance(session, inside, force)
  else if (!session.selection && repository.service(name)) await deleteService(session, name, force)
  else {
    const { fmris, errors } = select(repository, [name], { services: 'prefer' })
    if (errors[0] !== undefined) fail(session, errors[0])
    if (fmris.length > 1 && !isGlob(name))
      fail(session, `Pattern '${name}' matches multiple instances:\n${fmris.map((f) => `\t${f}`).join('\n')}`)
    for (const fmri of fmris) {
      const found = parseFmri(fmri)
      if (found?.instance !== undefined)
        await deleteInstance(session, { service: found.service, instance: found.instance }, force)
      else if (found) await deleteService(session, found.service, force)
    }
  }
  repository.changed()
  return true
}

async function deleteService(session: Session, name: string, force: boolean): Promise<void> {
  const { repository } = session.smf
  const service = repository.service(name)
  if (!service) return
  for (const instance of Object.keys(service.instances))
    await deleteInstance(session, { service: name, instance }, force)
  dropDependents(session, service.groups, formatFmri({ service: name }))
  // Dependencies that others made here survive: they would be lost if this service were imported again.
  service.groups = Object.fromEntries(
    Object.entries(service.groups).filter(([, g]) => own(g.properties, 'external')?.values[0] === 'true'),
  )
  if (Object.keys(service.groups).length === 0 && Object.keys(service.instances).length === 0)
    delete repository.services[name]
}

async function deleteInstance(
  session: Session,
  name: { service: string; instance: string },
  force: boolean,
): Promise<void> {
  const { repository, startd } = session.smf
  const fmri = instanceFmri(name.service, name.instance)
  const service: Service | undefined = repository.service(name.service)
  const instance = repository.instance(name)
  if (!service || !instance) return
  if (!force && startd.service(fmri)?.running)
    fail(session, `Instance ${fmri} may be running.  Use delete -f if it is not.`)
  dropDependents(session, instance.groups, fmri)
  delete service.instances[name.instance]
  // Processes are stopped by svc.startd on its own account; svccfg does not wait for them.
  void startd.remove(fmri)
}

function dropDependents(session: Session, groups: Service['groups'], fmri: string): void {
  const { repository, startd } = session.smf
  for (const [name, { values }] of Object.entries(own(groups, 'dependents')?.properties ?? {})) {
    const target = parseFmri(values[0] ?? '')
    const there = target && repository.groupsOf(target)
    if (!target || !there || !own(there, name)?.properties.entities?.values.includes(fmri)) continue
    delete there[name]
    const service = repository.service(target.service)
    const instances =
      target.instance === undefined ? Object.keys(service?.instances ?? {}) : [target.instance]
    for (const instance of instances) startd.refresh(instanceFmri(target.service, instance))
  }
}

export const refresh: Subcommand = (session, tokens) => {
  if (tokens.length > 0) return false
  const { selection } = session
  if (selection?.instance === undefined) fail(session, 'Instance not selected.')
  requirePermission(session)
  session.smf.startd.refresh(formatFmri(selection))
  return true
}

export const listSnapshots: Subcommand = (session, tokens) => {
  if (tokens.length > 0) return false
  for (const name of Object.keys(selectedInstance(session).snapshots).sort()) session.output.line(name)
  return true
}

export const revert: Subcommand = (session, tokens) => {
  const [name] = words(tokens, 1, 1) ?? []
  if (name === undefined) return false
  requirePermission(session)
  const { repository } = session.smf
  const instance = selectedInstance(session)
  const snapshot = own(instance.snapshots, name)
  if (!snapshot) fail(session, 'No such snapshot.')
  const live = Object.entries(instance.groups).filter(([, group]) => group.nonPersistent)
  instance.groups = { ...structuredClone(snapshot.instance), ...Object.fromEntries(live) }
  const service = session.selection && repository.service(session.selection.service)
  if (service) service.groups = structuredClone(snapshot.service)
  repository.changed()
  return true
}

function selectedInstance(session: Session) {
  const { selection, smf } = session
  const instance =
    selection?.instance === undefined
      ? undefined
      : smf.repository.instance({ service: selection.service, instance: selection.instance })
  return instance ?? fail(session, 'Instance not selected.')
}

export function unavailable(name: string): Subcommand {
  return (session) => {
    warn(session, `${name} is not available in the sandbox.`)
    return fail(session, 'Unknown command.')
  }
}
