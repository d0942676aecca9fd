/**
 * The repository: services, their instances, property groups and snapshots, as svc.configd keeps them.
 * In memory for speed; a JSON file, replaced as a whole, makes it outlive the server.
 * Read in illumos: smf(7), scf_instance_create(3SCF) and scf_snapshot_create(3SCF) for composition and snapshots.
 */
import { EventEmitter } from 'node:events'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { BuildStackError } from '../../errors.ts'
import { instanceFmri, parseFmri, type ServiceFmri } from './fmri.ts'
import type { PropertyType } from './values.ts'

export interface Property {
  type: PropertyType
  values: string[]
}

export interface PropertyGroup {
  type: string
  /** Gone at the next boot, and never part of a snapshot. */
  nonPersistent?: true
  properties: Record<string, Property>
}

export type Groups = Record<string, PropertyGroup>

export interface Snapshot {
  instance: Groups
  service: Groups
}

export interface Instance {
  groups: Groups
  snapshots: Record<string, Snapshot>
}

export interface Service {
  groups: Groups
  instances: Record<string, Instance>
}

export type Services = Record<string, Service>

export class Repository extends EventEmitter {
  services: Services = {}
  readonly #file: string
  #saving: NodeJS.Timeout | undefined

  constructor(file: string) {
    super()
    this.#file = file
    this.setMaxListeners(0)
  }

  /** Reads the file; groups that do not outlive a boot were never written to it. */
  load(): void {
    this.services = {}
    let text: string
    try {
      text = readFileSync(this.#file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    try {
      this.services = JSON.parse(text).services
    } catch (cause) {
      const next = 'Start afresh with: build-stack sandbox reset'
      throw new BuildStackError('HOST', `the SMF repository ${this.#file} is damaged`, { cause, next })
    }
  }

  /** To be called after a change that outlives a boot: wakes those who wait for one, and writes the file soon. */
  changed(): void {
    this.#saving ??= setTimeout(() => this.save(), 100)
    this.stateChanged()
  }

  /** After a change of what svc.startd knows, which no boot outlives. */
  stateChanged(): void {
    this.emit('change')
  }

  /** Writes what is not written yet: nothing that a command reported as done may be lost with the power. */
  flush(): void {
    if (this.#saving) this.save()
  }

  save(): void {
    clearTimeout(this.#saving)
    this.#saving = undefined
    mkdirSync(dirname(this.#file), { recursive: true })
    const text = JSON.stringify({ format: 1, services: this.services }, (_key, value) =>
      value && typeof value === 'object' && 'properties' in value && value.nonPersistent ? undefined : value,
    )
    writeFileSync(`${this.#file}.new`, text)
    renameSync(`${this.#file}.new`, this.#file)
  }

  service(name: string): Service | undefined {
    return own(this.services, name)
  }

  instance(name: { service: string; instance: string }): Instance | undefined {
    return own(this.service(name.service)?.instances ?? {}, name.instance)
  }

  /** The instance that a full FMRI names. */
  instanceOf(fmri: string): Instance | undefined {
    const parsed = parseFmri(fmri)
    return parsed?.instance === undefined || parsed.group !== undefined
      ? undefined
      : this.instance({ service: parsed.service, instance: parsed.instance })
  }

  serviceNames(): string[] {
    return Object.keys(this.services)
  }

  *instances(): Iterable<{ fmri: string; service: string; instance: string; entity: Instance }> {
    for (const [service, { instances }] of Object.entries(this.services))
      for (const [instance, entity] of Object.entries(instances))
        yield { fmri: instanceFmri(service, instance), service, instance, entity }
  }

  /** Groups set directly on the service or instance, without composition. */
  groupsOf(fmri: ServiceFmri): Groups | undefined {
    if (fmri.instance === undefined) return this.service(fmri.service)?.groups
    return this.instance({ service: fmri.service, instance: fmri.instance })?.groups
  }

  /**
   * Groups of an instance over those of its service, property by property; from a snapshot when one is named
   * and there. Without such a snapshot the current groups stand in.
   */
  composed(fmri: ServiceFmri, snapshot?: string): Groups {
    const service = this.service(fmri.service)
    if (!service) return {}
    if (fmri.instance === undefined) return service.groups
    const instance = own(service.instances, fmri.instance)
    if (!instance) return service.groups
    const taken = snapshot === undefined ? undefined : own(instance.snapshots, snapshot)
    return compose(taken?.instance ?? instance.groups, taken?.service ?? service.groups)
  }

  takeSnapshot(service: string, instance: string, name: string): void {
    const parent = this.service(service)
    const entity = parent && own(parent.instances, instance)
    if (!parent || !entity) return
    entity.snapshots[name] = {
      instance: structuredClone(persistent(entity.groups)),
      service: structuredClone(persistent(parent.groups)),
    }
  }

  /** Sets one property, making the group where it is missing. */
  set(
    groups: Groups,
    group: { name: string; type: string; nonPersistent?: true },
    property: string,
    value: Property,
  ): void {
    const { name, ...shape } = group
    const entry = own(groups, name) ?? { ...shape, properties: {} }
    groups[name] = entry
    entry.properties[property] = value
  }
}

/** A property of an object that is used as a table, never one of its prototype. */
export function own<T>(table: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

export function compose(instance: Groups, service: Groups): Groups {
  const result: Groups = { ...instance }
  for (const [name, group] of Object.entries(service)) {
    const over = own(instance, name)
    result[name] = over ? { ...over, properties: { ...group.properties, ...over.properties } } : group
  }
  return result
}

export function persistent(groups: Groups): Groups {
  return Object.fromEntries(Object.entries(groups).filter(([, group]) => !group.nonPersistent))
}

/** The first value of a property, or undefined. */
export function value(groups: Groups, group: string, property: string): string | undefined {
  return values(groups, group, property)?.[0]
}

export function values(groups: Groups, group: string, property: string): string[] | undefined {
  const found = own(groups, group)
  return found && own(found.properties, property)?.values
}

/** Enabled as it counts now: a temporary setting before the permanent one. */
export function isEnabled(groups: Groups): boolean {
  return (value(groups, 'general_ovr', 'enabled') ?? value(groups, 'general', 'enabled')) === 'true'
}
