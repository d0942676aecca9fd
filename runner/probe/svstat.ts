/** A line of svstat as a service's state, in the words that SMF has for the same. Pure. */
import { daemontoolsIdentifier } from '../services/daemontoolsNames.ts'
import type { ServiceState } from './facts.ts'

/**
 * "/service/web: up (pid 7) 40 seconds, normally down" -> one state; none for a line that is not svstat's. `date` is the
 * host's, to tell since when.
 *   online         up
 *   offline        down, but wanted up: between two starts
 *   disabled       down
 *   unsupervised   no supervise runs for it
 */
export function readSvstat(line: string, date: string): ServiceState[] {
  const [, name, status] = /^[^:]*\/([^/:]+): (.*)$/.exec(line.trim()) ?? []
  if (name === undefined || status === undefined) return []
  const seconds = /(?:^up \(pid \d+\)|^down) (\d+) seconds/.exec(status)?.[1]
  return [
    {
      fmri: daemontoolsIdentifier(name),
      state: stateOf(status),
      nextState: status.includes('want down') ? 'disabled' : '-',
      since: seconds === undefined ? '-' : ago(date, Number(seconds)),
    },
  ]
}

function stateOf(status: string): string {
  if (status.startsWith('up ')) return 'online'
  if (!status.startsWith('down ')) return 'unsupervised'
  return status.includes('want up') ? 'offline' : 'disabled'
}

function ago(date: string, seconds: number): string {
  const time = Date.parse(date) - seconds * 1000
  return Number.isNaN(time) ? '-' : new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}
