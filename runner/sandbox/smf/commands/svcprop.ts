/**
 * svcprop: values of properties, as a script reads them.
 * Read in illumos: svcprop/svcprop.c (main, process_ent, process_pg, process_prop, add_prop, do_wait), svcprop(1).
 */
import { isName, parseFmri, type ServiceFmri } from '../fmri.ts'
import { quoteForShell } from '../methods/expand.ts'
import { select } from '../patterns.ts'
import { type Groups, own, type Property } from '../repository.ts'
import { type Call, type Command, nextChange, type Output, type Smf } from './command.ts'
import { getopt } from './getopt.ts'

const USAGE = `Usage: svcprop [-fqtv] [-C | -c | -s snapshot] [-z zone] [-p [name/]name]... 
         {FMRI | pattern}...
       svcprop -w [-fqtv] [-z zone] [-p [name/]name] {FMRI | pattern}
`

interface Wish {
  group: string
  property: string | undefined
}

interface Request extends Smf {
  output: Output
  wishes: Wish[]
  /** No composition. */
  own: boolean
  /** Current values instead of a snapshot's. */
  current: boolean
  /** Given with -s. */
  snapshot: string | undefined
  quiet: boolean
  verbose: boolean
  types: boolean
  fmris: boolean
  status: number
}

export const svcprop: Command = async (smf, call: Call, output: Output) => {
  const { options, operands, unknown } = getopt(call.args, 'Ccfp:qs:tvwz:')
  const letters = new Set(options.map((o) => o.letter))
  const modes = ['C', 'c', 's', 'w'].filter((l) => letters.has(l))
  if (unknown !== undefined || operands.length === 0 || modes.length > 1) output.usage(USAGE)
  const wishes = options.filter((o) => o.letter === 'p').map((o) => readWish(o.argument, output))
  const mixed = new Set(wishes.map((w) => w.property === undefined)).size > 1
  const request: Request = {
    ...smf,
    output,
    wishes,
    own: letters.has('C'),
    current: letters.has('C') || letters.has('c'),
    snapshot: options.findLast((o) => o.letter === 's')?.argument,
    quiet: letters.has('q'),
    verbose: letters.has('v'),
    types: letters.has('t') || letters.has('f') || mixed,
    fmris: letters.has('f'),
    status: 0,
  }
  if (letters.has('w')) {
    if (wishes.length > 1 || operands.length > 1) output.usage(USAGE)
    await waitForChange(request, operands, call)
  }
  const { fmris, errors } = select(smf.repository, operands, { services: 'fallback', properties: true })
  for (const error of errors) if (!request.quiet) output.warn(error)
  if (errors.length > 0) request.status = 1
  if (fmris.length > 1) {
    request.types = true
    request.fmris = true
  }
  for (const fmri of fmris) {
    const name = parseFmri(fmri)
    if (name) print(request, name, fmri)
  }
  return request.status
}

function readWish(text: string, output: Output): Wish {
  const [group = '', property, ...more] = text.split('/')
  if (more.length > 0) {
    output.warn(`-p argument \`${text}' has too many components.`)
    output.usage(USAGE)
  }
  for (const part of [group, property])
    if (part !== undefined && !isName(part)) output.die(`Invalid component name \`${part}'.`, 2)
  return { group, property }
}

function print(request: Request, name: ServiceFmri, fmri: string): void {
  const entity: ServiceFmri =
    name.instance === undefined
      ? { service: name.service }
      : { service: name.service, instance: name.instance }
  const groups = visible(request, entity)
  if (name.group !== undefined) {
    printOperand(request, entity, name, groups, fmri)
    return
  }
  if (request.wishes.length === 0) {
    if (!request.quiet) for (const group of Object.keys(groups)) printGroup(request, entity, group, groups)
    return
  }
  for (const { group, property } of request.wishes) {
    const found = own(groups, group)
    if (!found) missing(request, `Couldn't find property group \`${group}' for ${kind(name)} \`${fmri}'.`)
    else if (property === undefined) {
      if (!request.quiet) printGroup(request, entity, group, groups)
    } else {
      const value = own(found.properties, property)
      if (!value)
        missing(request, `Couldn't find property \`${group}/${property}' for ${kind(name)} \`${fmri}'.`)
      else if (!request.quiet) printProperty(request, entity, group, property, value)
    }
  }
}

/** A property group or property named by a full FMRI. */
function printOperand(
  request: Request,
  entity: ServiceFmri,
  name: ServiceFmri,
  groups: Groups,
  fmri: string,
): void {
  const { group = '', property } = name
  const found = own(groups, group)
  if (!found) {
    missing(request, `Pattern '${fmri}' doesn't match any entities`)
    return
  }
  if (property !== undefined) {
    if (request.wishes.length > 0) {
      request.output.warn('The -p option cannot be used with property operands.')
      request.output.usage(USAGE)
    }
    const value = own(found.properties, property)
    if (value && !request.quiet) printProperty(request, entity, group, property, value)
    return
  }
  if (request.wishes.length === 0 && !request.quiet) printGroup(request, entity, group, groups)
  for (const wish of request.wishes) {
    if (wish.property !== undefined)
      request.output.die(
        `-p argument \`${wish.group}/${wish.property}' has too many components for property group \`${fmri}'.`,
        2,
      )
    const value = own(found.properties, wish.group)
    if (!value) missing(request, `Couldn't find property \`${wish.group}' in property group \`${fmri}'.`)
    else if (!request.quiet) printProperty(request, entity, group, wish.group, value)
  }
}

function kind(name: ServiceFmri): string {
  return name.instance === undefined ? 'service' : 'instance'
}

/** The groups that the options show: by default the running snapshot's, and current ones that no snapshot holds. */
function visible(request: Request, entity: ServiceFmri): Groups {
  const { repository, output, snapshot } = request
  if (entity.instance === undefined) {
    if (snapshot !== undefined) output.die('Only instances have snapshots.')
    return repository.service(entity.service)?.groups ?? {}
  }
  const instance = repository.instance({ service: entity.service, instance: entity.instance })
  if (request.own) return instance?.groups ?? {}
  const current = repository.composed(entity)
  if (request.current) return current
  if (snapshot !== undefined && !own(instance?.snapshots ?? {}, snapshot)) output.die('No such snapshot.')
  const taken = repository.composed(entity, snapshot ?? 'running')
  if (snapshot !== undefined) return taken
  const live = Object.entries(current).filter(([, group]) => group.nonPersistent)
  return { ...taken, ...Object.fromEntries(live) }
}

function missing(request: Request, text: string): void {
  request.status = 1
  if (!request.quiet || request.verbose) request.output.warn(text)
}

function printGroup(request: Request, entity: ServiceFmri, name: string, groups: Groups): void {
  request.types = true
  for (const [property, value] of Object.entries(own(groups, name)?.properties ?? {}))
    printProperty(request, entity, name, property, value)
}

function printProperty(
  { output, types, fmris }: Request,
  entity: ServiceFmri,
  group: string,
  name: string,
  property: Property,
): void {
  const entityName = entity.instance === undefined ? entity.service : `${entity.service}:${entity.instance}`
  const label = fmris ? `svc:/${entityName}/:properties/${group}/${name}` : `${group}/${name}`
  const values = property.values.map((value) => (value === '' ? '""' : quoteForShell(value))).join(' ')
  output.line(types ? `${label} ${property.type} ${values}` : values)
}

async function waitForChange(request: Request, operands: string[], call: Call): Promise<void> {
  const { repository } = request
  const output: Output = request.output
  const { fmris } = select(repository, operands, { services: 'fallback', properties: true })
  const name = fmris[0] === undefined ? undefined : parseFmri(fmris[0])
  if (!name) return
  const group = name.group ?? request.wishes[0]?.group
  if (group === undefined)
    output.die(`Cannot wait for ${name.instance === undefined ? 'a service' : 'an instance'}.`, 2)
  const read = () => JSON.stringify(own(repository.groupsOf(name) ?? {}, group))
  const before = read()
  if (before === undefined) output.die('Not found.')
  while (!call.signal.aborted && read() === before) await nextChange(request, call.signal)
}
