/** A shell in a build folder on a host, and what was changed there: workplace.sh of a job, called. */
import { jobPath } from '../build/jobPath.ts'
import { BuildStackError } from '../errors.ts'
import { commandLine } from '../shell.ts'
import type { ExecOptions, ExecResult, Transport } from '../transports/transport.ts'
import type { HostJob } from './hostJobs.ts'

export interface ShellPlace {
  host: string
  /** POSIX shell of the host. */
  shell: string
  work: string
}

/** Of the newest job whose build folder may be there still. @throws BuildStackError HOST when none is. */
export function unfinishedJob(jobs: readonly HostJob[], recipe: string, host: string): HostJob {
  const [newest] = jobs
  if (newest?.state === 'running') throw atWork(newest, host)
  const found = jobs.find(
    ({ state, action }) => state !== 'done' && action !== 'remove' && action !== 'adopt',
  )
  if (!found) throw noFolder(recipe, host)
  return found
}

/** Resolves to the shell's exit status. @throws BuildStackError HOST when there is no folder, or a job is at work in it. */
export async function openShell(
  transport: Transport,
  place: ShellPlace,
  job: HostJob,
  options: Pick<ExecOptions, 'stdin' | 'pty' | 'onStdout' | 'onStderr'>,
): Promise<number> {
  const { code, stderr } = await call(transport, place, job, ['prepare'], {})
  if (code === 3) throw noFolder(job.recipe, place.host)
  if (code === 4) throw atWork(job, place.host)
  if (code !== 0) {
    throw new BuildStackError('HOST', 'the source cannot be unpacked once more, to compare with', {
      host: place.host,
      log: stderr.trimEnd().split('\n'),
    })
  }
  return (await call(transport, place, job, ['open'], options)).code ?? 1
}

/** What was changed by hand in a build folder. */
export interface Edits {
  /** Empty when nothing was. */
  patch: Buffer
  /** For `patch -p`. */
  strip: number
  /** Paths in the source. */
  changed: string[]
  added: string[]
  removed: string[]
  /** Not in the source, and not taken. */
  left: string[]
  /** Differ, and cannot be in a patch. */
  binary: string[]
}

/** add: paths of new files that belong to the source. */
export async function editsOf(
  transport: Transport,
  place: ShellPlace,
  job: HostJob,
  add: readonly string[],
): Promise<Edits> {
  const result = await call(transport, place, job, ['patch', ...add], {})
  if (result.code === 3) throw noFolder(job.recipe, place.host)
  if (result.code === 5) {
    throw new BuildStackError('HOST', `nothing was changed in the build folder of ${job.recipe}`, {
      host: place.host,
      next: `build-stack shell ${place.host} ${job.recipe} opens a shell there`,
    })
  }
  return parseEdits(result)
}

export function parseEdits({ stdout, stderr }: Pick<ExecResult, 'stdout' | 'stderr'>): Edits {
  const lines = stderr.split('\n')
  const of = (word: string) =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
  return {
    patch: stdout,
    strip: Number(of('strip')[0] ?? 1),
    ...{ changed: of('changed'), added: of('added'), removed: of('removed') },
    ...{ left: of('new'), binary: of('binary') },
  }
}

/** The environment is that of the job's steps, whatever the login's start-up files export; a terminal needs its kind. */
function call(
  transport: Transport,
  { shell, work }: ShellPlace,
  job: HostJob,
  words: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const clean =
    'exec env -i HOME="$HOME" LOGNAME="$LOGNAME" USER="$LOGNAME" PATH="$PATH" ${TERM:+TERM="$TERM"} "$@"'
  const script = `cd "$1" && test -f workplace.sh || exit 3; shift; ${clean}`
  const folder = jobPath(work, job.id)
  const line = commandLine([...['/bin/sh', '-c', script, 'sh', folder, shell, './workplace.sh'], ...words])
  return transport.exec(`exec ${line}`, options)
}

function noFolder(recipe: string, host: string): BuildStackError {
  return new BuildStackError('HOST', `no build folder of ${recipe} is there`, {
    host,
    next: 'it is kept when a build fails, is cancelled or cut off, and goes when the recipe is installed',
  })
}

function atWork({ id, by }: HostJob, host: string): BuildStackError {
  return new BuildStackError('LOCKED', `the job ${id} of ${by} is at work in the build folder`, {
    host,
    next: `build-stack attach ${host} follows it, build-stack cancel ${host} ends it`,
  })
}
