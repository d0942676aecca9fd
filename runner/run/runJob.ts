/**
 * Starts a job on a host, or joins one that runs already, and follows it to its end. The job outlives this process and its
 * connection: a lost connection is opened again, and the log is read on from where it broke.
 */
import type { Job, JobFile } from '../build/jobFolder.ts'
import { BuildStackError } from '../errors.ts'
import { helperInput } from '../privilege/rootHelper.ts'
import { commandLine, quote } from '../shell.ts'
import type { Transport } from '../transports/transport.ts'
import { uploadStream } from '../transports/upload.ts'
import type { Expected, StepTitle } from './events.ts'
import { JobFollower, type StepEvent } from './followJob.ts'
import type { HostLine } from './hostLine.ts'
import type { JobLog } from './jobLog.ts'

export interface JobPlace {
  host: string
  /** POSIX shell of the host. */
  shell: string
  /** WORK of the host. */
  work: string
  /** user@machine, for the one who finds the host locked; without it who follows a job leaves the lock to whoever had it. */
  owner?: string
}

export interface StartPlace extends JobPlace {
  owner: string
  /** Name of the run: jobs of the same one may be at work together. */
  run: string
  /** For sudo, where it asks. It goes to the start of the job on standard input, and nowhere else. */
  sudoPassword: string | undefined
}

export interface JobResult {
  code: number
  failed: StepTitle | undefined
  /** user@machine; absent when nobody did. */
  cancelledBy?: string
  durations: Expected
}

export interface JobHooks {
  log: JobLog
  emit: (event: StepEvent) => void
  onUpload: (done: number, total: number) => void
  signal: AbortSignal
}

/** The last file of a job's folder: tar takes a stream that breaks off between two files for a whole one. */
const WHOLE = 'whole'

export async function startJob(
  line: HostLine,
  place: StartPlace,
  job: Job,
  hooks: JobHooks,
): Promise<JobResult> {
  const follower = new JobFollower(job.token, job.steps, hooks.log, hooks.emit)
  // One exec: the folder goes up, then the job starts from it, then its log comes back. What the login's start-up
  // files export (CFLAGS, LD_LIBRARY_PATH, ENV) is no part of a build.
  const clean = 'env -i HOME="$HOME" LOGNAME="$LOGNAME" USER="$LOGNAME" PATH="$PATH"'
  const unpack = `mkdir -p "$1" && cd "$1" && umask 022 && tar xof - && test -f ${WHOLE}`
  const start = `exec ${clean} "$2" ./start.sh "$3" "$4" "$5"`
  const command = (script: string) =>
    `exec ${commandLine(['/bin/sh', '-c', script, 'sh', job.folder, place.shell, place.work, place.owner, place.run])}`
  const files: JobFile[] = [...job.files, { path: WHOLE, mode: 0o644, content: Buffer.alloc(0) }]
  const { sudoPassword } = place
  return follow(line, place, job.folder, follower, hooks.signal, async (transport, receive, signal) => {
    const upload = { onProgress: hooks.onUpload, signal }
    if (sudoPassword === undefined) {
      const options = { ...upload, onStdout: receive }
      return uploadStream(transport, files, command(`${unpack} && ${start}`), options)
    }
    // The password needs an input of its own: tar may read beyond the end of its archive.
    const sent = await uploadStream(transport, files, command(unpack), upload)
    if (sent.code !== 0) return sent
    const stdin = helperInput(sudoPassword, files)
    return transport.exec(command(`cd "$1" && ${start}`), { stdin, onStdout: receive, signal })
  })
}

/** The job's own token and titles are on the host; `onSteps` gets the titles before the first event. */
export async function joinJob(
  line: HostLine,
  place: JobPlace,
  folder: string,
  hooks: JobHooks,
  onSteps: (steps: StepTitle[]) => void,
): Promise<JobResult> {
  const { token, steps } = await line.answer(
    (transport) => jobTitles(transport, place.host, folder),
    TITLE_TRIES,
  )
  onSteps(steps)
  const follower = new JobFollower(token, steps, hooks.log, hooks.emit)
  return follow(line, place, folder, follower, hooks.signal, (transport, receive, signal) =>
    transport.exec(followCommand(place, folder, 0), { onStdout: receive, signal }),
  )
}

/** The line may break just then. */
const TITLE_TRIES = 5

/** What tells the marks of a job's log from its output, and what its steps are called. */
export async function jobTitles(
  transport: Transport,
  host: string,
  folder: string,
): Promise<{ token: string; steps: StepTitle[] }> {
  const about = await transport.exec(`exec /bin/sh -c ${quote(`cd ${quote(folder)} && cat token titles`)}`)
  if (about.code !== 0) throw lost(host, folder)
  const [token = '', ...titles] = about.stdout.toString('utf8').trimEnd().split('\n')
  const steps = titles.map((text) => ({ name: text.split('\t')[0] ?? '', title: text.split('\t')[1] ?? '' }))
  return { token, steps }
}

function followCommand(place: JobPlace, folder: string, offset: number): string {
  const script = 'cd "$1" && exec "$2" ./follow.sh "$3" "$4"'
  const words = [folder, place.shell, String(offset), place.owner ?? '']
  return `exec ${commandLine(['/bin/sh', '-c', script, 'sh', ...words])}`
}

type Receive = (bytes: Buffer) => void
type Attempt = (transport: Transport, receive: Receive, signal: AbortSignal) => ReturnType<Transport['exec']>

async function follow(
  line: HostLine,
  place: JobPlace,
  folder: string,
  follower: JobFollower,
  signal: AbortSignal,
  first: Attempt,
): Promise<JobResult> {
  let attempt = first
  for (;;) {
    // follow.sh stays a little longer than the log: the mark of the end is the end.
    const left = new AbortController()
    const both = AbortSignal.any([signal, left.signal])
    let head = ''
    const receive: Receive = (bytes) => {
      if (follower.bytes === 0) {
        head = (head + bytes.toString('latin1')).slice(0, 2000)
        if (head.startsWith('locked ')) return
      }
      follower.read(bytes)
      if (follower.ended) left.abort()
    }
    const transport = line.transport()
    try {
      const result = await attempt(transport, receive, both)
      if (follower.ended) break
      if (head.startsWith('locked ')) throw locked(place, head)
      if (result.code === 3) throw gone(place, folder)
      throw new BuildStackError('HOST', `the job could not be started (exit code ${result.code})`, {
        host: place.host,
        log: `${head}\n${result.stderr}`.trim().split('\n').slice(-10),
        next: startHint(result.stderr, place.work),
      })
    } catch (error) {
      if (follower.ended) break
      if (signal.aborted || !(error instanceof BuildStackError) || error.code !== 'DISCONNECTED') throw error
      await line.reconnect(transport)
      attempt = async (transport, receive, signal) => {
        // Broken while the job's folder went up: from the beginning, unless it came farther than we saw.
        if (follower.bytes === 0 && !(await isStarted(transport, folder)))
          return first(transport, receive, signal)
        const options = { onStdout: receive, signal }
        return transport.exec(followCommand(place, folder, follower.bytes), options)
      }
    }
  }
  return { ...(follower.end ?? { code: 1, failed: undefined }), durations: follower.durations }
}

/** The log is there once the job has the host's lock. */
async function isStarted(transport: Transport, folder: string): Promise<boolean> {
  return (await transport.exec(`${commandLine(['test', '-f', `${folder}/log`])}`)).code === 0
}

function startHint(stderr: string, work: string): string {
  if (/no space left/i.test(stderr)) return `free some space in ${work} on the host`
  if (/permission denied/i.test(stderr))
    return `make ${work} writable for this user, or set "work" in hosts.yaml`
  return `look at ${work} on the host, then run again`
}

function locked(place: JobPlace, head: string): BuildStackError {
  const owner = head.slice('locked '.length).split('\n')[0]?.trim()
  return new BuildStackError('LOCKED', `another job runs on this host: ${owner}`, {
    host: place.host,
    next: 'wait for it to end, then run again',
  })
}

function gone(place: JobPlace, folder: string): BuildStackError {
  return new BuildStackError(
    'HOST',
    'the job is gone without an end: it was killed, or the host was restarted',
    {
      host: place.host,
      next: `run again to go on with it; its log is in ${folder}/log on the host`,
    },
  )
}

function lost(host: string, folder: string): BuildStackError {
  return new BuildStackError('HOST', `the job in ${folder} cannot be read`, {
    host,
    next: 'run again',
  })
}
