/**
 * FMRIs: svc:/service:instance/:properties/group/property, and file: FMRIs of path dependencies.
 * Read in illumos: libscf/common/lowlevel.c (scf_parse_svc_fmri, scf_parse_file_fmri, scf_canonify_fmri), smf(7).
 */

export interface ServiceFmri {
  service: string
  instance?: string
  group?: string
  property?: string
}

export const RESTARTER = 'svc:/system/svc/restarter:default'

const ELEMENT = /^[A-Za-z0-9][A-Za-z0-9._,-]*$/

export function isName(text: string): boolean {
  return ELEMENT.test(text)
}

/** A bare service name such as application/memcached. */
export function isServiceName(text: string): boolean {
  return text.split('/').every(isName)
}

/** Reads a full FMRI (with svc:); undefined when it is none. */
export function parseFmri(text: string): ServiceFmri | undefined {
  const body = /^svc:(?:\/\/localhost)?\/(?!\/)(.+)$/.exec(text)?.[1]
  if (body === undefined) return undefined
  const [entity = '', properties, ...more] = body.split('/:properties/')
  if (more.length > 0) return undefined
  const [service = '', instance, ...rest] = entity.split(':')
  if (rest.length > 0 || !isServiceName(service)) return undefined
  if (instance !== undefined && !isName(instance)) return undefined
  const fmri: ServiceFmri = instance === undefined ? { service } : { service, instance }
  if (properties === undefined) return fmri
  const [group = '', property, ...deeper] = properties.split('/')
  if (!isName(group) || deeper.length > 0) return undefined
  return property === undefined ? { ...fmri, group } : { ...fmri, group, property }
}

export function formatFmri({ service, instance, group, property }: ServiceFmri): string {
  const entity = instance === undefined ? `svc:/${service}` : `svc:/${service}:${instance}`
  if (group === undefined) return entity
  return `${entity}/:properties/${group}${property === undefined ? '' : `/${property}`}`
}

export function instanceFmri(service: string, instance: string): string {
  return `svc:/${service}:${instance}`
}

/** The absolute path of file://localhost/path, file:///path or file:/path; undefined for anything else. */
export function filePath(fmri: string): string | undefined {
  return /^file:(?:\/\/(?:localhost)?(?=\/))?(\/[^/].*|\/)$/.exec(fmri)?.[1]
}

/** Name of an instance's log file in /var/svc/log. */
export function logName(service: string, instance: string): string {
  return `${service.replaceAll('/', '-')}:${instance}.log`
}
