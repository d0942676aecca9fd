/** How our services are called under daemontools, and where their files are. */
import type { Host } from '../config/hosts.ts'

const IDENTIFIER = 'daemontools:'

export function daemontoolsIdentifier(name: string): string {
  return `${IDENTIFIER}${name}`
}

/** The service's name, undefined when the identifier is another supervisor's. */
export function daemontoolsName(identifier: string): string | undefined {
  return identifier.startsWith(IDENTIFIER) ? identifier.slice(IDENTIFIER.length) : undefined
}

/** Relative to the prefix; svscan sees it through a link. */
export function serviceFolder(name: string): string {
  return `svc/daemontools/${name}`
}

/** Relative to the prefix: multilog's folder. It stays when the service goes. */
export function logFolder(name: string): string {
  return `var/log/${name}`
}

/** The folder that svscan watches. */
export function scanFolder(host: Pick<Host, 'scan'>): string {
  return host.scan ?? '/service'
}
