/**
 * Imports a bundle into the repository: new services and instances are made, known ones merged.
 * Read in illumos: svccfg/svccfg_libscf.c (lscf_bundle_import, lscf_import_service_pgs, lscf_import_instance_pgs,
 * lscf_dependent_import, upgrade_dependents).
 */
import { formatFmri, instanceFmri, isServiceName, parseFmri } from './fmri.ts'
import type { Bundle, BundleEntity, BundleService, Dependent } from './manifest/bundle.ts'
import { merge, plain, plainGroups, same } from './merge.ts'
import { type Groups, own, type Repository, type Service } from './repository.ts'

export interface ImportResult {
  /** Complete lines for standard error, in order; the import goes on after them. */
  warnings: string[]
  /** Lines that -v adds. */
  verbose: string[]
  /** The sentence that ends the import, when it cannot be done. */
  failure?: string
  /** Instances to refresh, new ones included. */
  instances: string[]
}

export function importBundle(repository: Repository, bundle: Bundle): ImportResult {
  const result: ImportResult = { warnings: [], verbose: [], instances: [] }
  for (const service of bundle.services) {
    if (!isServiceName(service.name))
      return { ...result, failure: `"${service.name}" is an invalid service name.  Cannot import.` }
    const bad = service.instances.find((i) => parseFmri(instanceFmri(service.name, i.name)) === undefined)
    if (bad) return { ...result, failure: `Invalid instance name "${bad.name}".` }
    for (const entity of [service, ...service.instances])
      for (const { name, target } of entity.dependents)
        if (!parseFmri(target))
          return { ...result, failure: `The FMRI for the "${name}" dependent is invalid.` }
  }
  for (const service of bundle.services) importService(repository, service, result)
  repository.changed()
  return result
}

function importService(repository: Repository, bundle: BundleService, result: ImportResult): void {
  const fmri = formatFmri({ service: bundle.name })
  const known = repository.service(bundle.name)
  const service: Service = known ?? { groups: {}, instances: {} }
  repository.services[bundle.name] = service
  const last = lastImport(service)
  service.groups = mergeEntity(fmri, last?.service, service.groups, bundle, result)
  importDependents(repository, fmri, bundle, result)
  for (const entry of bundle.instances) {
    const name = instanceFmri(bundle.name, entry.name)
    const instance = own(service.instances, entry.name) ?? { groups: {}, snapshots: {} }
    const before = own(instance.snapshots, 'last-import')?.instance
    const isNew = !own(service.instances, entry.name)
    service.instances[entry.name] = instance
    instance.groups = isNew
      ? plainGroups(entry.groups)
      : mergeEntity(name, before, instance.groups, entry, result)
    importDependents(repository, name, entry, result)
    if (!isNew) repository.takeSnapshot(bundle.name, entry.name, 'previous')
    // What the manifest said, not what came out of the merge: the next import compares with it.
    instance.snapshots['last-import'] = {
      instance: plainGroups(entry.groups),
      service: plainGroups(bundle.groups),
    }
    if (isNew) repository.takeSnapshot(bundle.name, entry.name, 'initial')
    result.verbose.push(`Taking "last-import" snapshot for ${name}.`)
  }
  for (const instance of Object.keys(service.instances))
    result.instances.push(instanceFmri(bundle.name, instance))
}

function lastImport(service: Service): { service: Groups } | undefined {
  for (const instance of Object.values(service.instances)) {
    const found = own(instance.snapshots, 'last-import')
    if (found) return found
  }
  return undefined
}

function mergeEntity(
  fmri: string,
  last: Groups | undefined,
  current: Groups,
  next: BundleEntity,
  result: ImportResult,
): Groups {
  const { groups, conflicts, actions } = merge(fmri, last, current, next.groups)
  result.warnings.push(...conflicts)
  result.verbose.push(...actions)
  return groups
}

/** Makes the dependency groups of dependents in their target services, whether these exist yet or not. */
function importDependents(
  repository: Repository,
  fmri: string,
  entity: BundleEntity,
  result: ImportResult,
): void {
  for (const dependent of entity.dependents) importDependent(repository, fmri, dependent, result)
}

function importDependent(
  repository: Repository,
  fmri: string,
  dependent: Dependent,
  result: ImportResult,
): void {
  const target = parseFmri(dependent.target)
  if (!target) return
  const service: Service = repository.service(target.service) ?? { groups: {}, instances: {} }
  repository.services[target.service] = service
  let groups = service.groups
  if (target.instance !== undefined) {
    const instance = own(service.instances, target.instance) ?? { groups: {}, snapshots: {} }
    service.instances[target.instance] = instance
    groups = instance.groups
  }
  const { name, group } = dependent
  const current = own(groups, name)
  const override = Object.values(group.properties).some((p) => p.override)
  if (group.delete) delete groups[name]
  else if (!current || override || dependsOn(current.properties.entities?.values, fmri))
    groups[name] = plain(group)
  else if (!same(current, plain(group)))
    result.warnings.push(
      `Conflict upgrading ${fmri} (not importing new dependent "${name}" because it already exists).`,
    )
  for (const instance of target.instance !== undefined ? [target.instance] : Object.keys(service.instances))
    result.instances.push(instanceFmri(target.service, instance))
}

function dependsOn(entities: string[] | undefined, fmri: string): boolean {
  return entities?.length === 1 && entities[0] === fmri
}
