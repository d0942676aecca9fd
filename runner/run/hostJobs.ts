/** The jobs that a host has had, newest first: what jobs.sh prints, read. */
import { readFileSync } from 'node:fs'
import { BuildStackError } from '../errors.ts'
import { hostScript } from '../paths.ts'
import { commandLine } from '../shell.ts'
import type { Transport } from '../transports/transport.ts'

export interface HostJob {
  /** Folder name below WORK/jobs. */
  id: string
  /** gone: it left no end: it was killed, or its host restarted. */
  state: 'running' | 'done' | 'failed' | 'cancelled' | 'gone'
  /** Exit code; undefined without an end. */
  code: number | undefined
  recipe: string
  /** install, upgrade, remove, ... */
  action: string
  from: string | undefined
  to: string | undefined
  /** user@machine */
  by: string
  /** ISO 8601, the host's clock; undefined before the first step. */
  since: string | undefined
  /** The end of an ended one; of another one when it last began or ended a step. */
  until: string | undefined
  /** The step that runs, or that was the last one. */
  step: string | undefined
}

export interface JobsOf {
  host: string
  shell: string
  work: string
  /** Only jobs of this one. */
  recipe?: string
}

/** At most `count`, newest first. @throws BuildStackError HOST when the host does not say. */
export async function hostJobs(
  transport: Transport,
  { host, shell, work, recipe }: JobsOf,
  count: number,
): Promise<HostJob[]> {
  const words = [shell, '-s', work, String(count), ...(recipe ? [recipe] : [])]
  const stdin = readFileSync(hostScript('jobs.sh'))
  const { code, stdout, stderr } = await transport.exec(`exec ${commandLine(words)}`, { stdin })
  if (code === 0) {
    const jobs = parseJobs(stdout.toString('utf8'))
    // One recipe's name can be the beginning of another's.
    return recipe ? jobs.filter((job) => job.recipe === recipe) : jobs
  }
  throw new BuildStackError('HOST', 'its jobs cannot be read', { host, log: stderr.trimEnd().split('\n') })
}

export function parseJobs(text: string): HostJob[] {
  return text.split('\n').flatMap((line) => {
    const [word, id = '', state = '', exit = '', since, until, step = '', ...history] = line.split('\t')
    if (word !== 'job') return []
    const said = historyOf(history.join(' '))
    const code = exit === '' ? undefined : Number(exit)
    return [
      {
        id,
        state: stateOf(state, code),
        code,
        recipe: said.recipe ?? id,
        action: said.action ?? '-',
        from: said.from,
        to: said.to,
        by: said.by ?? '-',
        since: since || undefined,
        until: until || undefined,
        step: step.replace(/^\d+-/, '').replace(/\.root$/, '') || undefined,
      },
    ]
  })
}

function stateOf(state: string, code: number | undefined): HostJob['state'] {
  if (state === 'running' || state === 'gone') return state
  if (code === 0) return 'done'
  return code === 130 ? 'cancelled' : 'failed'
}

/** Its numbers are filled in at the end: no JSON before. */
function historyOf(text: string): Partial<Record<string, string>> {
  try {
    return JSON.parse(text.replace(/:@[A-Z]+@/g, ':0')) as Partial<Record<string, string>>
  } catch {
    return {}
  }
}
