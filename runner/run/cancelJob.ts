/** Ends a job on its host for good, by cancel.sh in its folder; and the error of one that was ended so. */
import { jobPath } from '../build/jobPath.ts'
import { BuildStackError } from '../errors.ts'
import { commandLine } from '../shell.ts'
import type { Transport } from '../transports/transport.ts'

/** late: it had ended, or had recorded what it installed. gone: it was killed before, and has left no process now. */
export type Cancelled = 'cancelled' | 'late' | 'gone'

export interface CancelPlace {
  host: string
  shell: string
  work: string
  /** user@machine that wants it. */
  by: string
}

/** Resolves when nothing of the job is left. @throws BuildStackError HOST when it cannot be ended. */
export async function cancelJob(transport: Transport, job: string, place: CancelPlace): Promise<Cancelled> {
  const script = 'cd "$1" && exec "$2" ./cancel.sh "$2" "$3"'
  const words = ['/bin/sh', '-c', script, 'sh', jobPath(place.work, job), place.shell, place.by]
  const { code, stderr } = await transport.exec(`exec ${commandLine(words)}`)
  if (code === 0) return 'cancelled'
  if (code === 3) return 'late'
  if (code === 4) return 'gone'
  throw new BuildStackError('HOST', `the job ${job} cannot be cancelled`, {
    host: place.host,
    log: stderr.trimEnd().split('\n'),
    next: 'connect as the account that started it',
  })
}

export function cancelledError(by: string): BuildStackError {
  return new BuildStackError('INTERRUPTED', `the job was cancelled by ${by}; what it had begun is undone`, {
    next: 'run again to go on with its build, or with --anew to start it over',
  })
}
