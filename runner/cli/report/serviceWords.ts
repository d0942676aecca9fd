/** A service's name and the age of its state as a person reads them. Pure. */
import { age } from './duration.ts'
import { shownLine } from './shownLine.ts'

/** " 3 d", or what svcs said, on a clock that is not ours: " since Nov 24". */
export function stateSince(since: string | undefined, now: Date): string {
  if (!since || since === '-') return ''
  const date = /^\d{4}-\d\d-\d\d/.test(since) ? new Date(since) : undefined
  return date && !Number.isNaN(date.getTime())
    ? ` ${age((now.getTime() - date.getTime()) / 1000)}`
    : ` since ${shownLine(since).replaceAll('_', ' ')}`
}

/** svc:/application/memcached:default and daemontools:memcached -> memcached; svc:/site/mysql:second -> mysql:second */
export function shortName(fmri: string): string {
  return shownLine(fmri)
    .replace(/^daemontools:|^.*\//, '')
    .replace(/:default$/, '')
}
