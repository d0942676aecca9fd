/**
 * What each fault is tried on: a sandbox, and a package whose configure says a line every now and then, so that a fault can
 * come in the middle. `judge` says what was lost of a build that went through one.
 */
import { readFileSync } from 'node:fs'
import { packTiny, tinyRecipe } from '../e2e/tinyPackage.ts'
import { type Event, eventsOf, type Outcome, Workshop } from '../e2e/workshop.ts'

/** Lines of configure, one each tenth of a second. */
export const LINES = 40
const JOBS = 'var/tmp/build-stack/jobs'

export interface Verdict {
  /** The build was installed in the end, by the same job, started once. */
  recovered: boolean
  /** Lines that the log of this machine lacks, or has twice, or otherwise than the host's; undefined where it was not compared. */
  lost: number | undefined
  /** What was not as it should be. */
  why: string[]
}

export class FaultWorld {
  readonly workshop: Workshop
  readonly #host: string
  #tries = 0

  /** host: its name in hosts.yaml. */
  constructor(host = 'box', env: NodeJS.ProcessEnv = {}) {
    this.workshop = new Workshop(env)
    this.#host = host
    const archive = packTiny(this.workshop.archives, '1.0', {
      configure: (text) =>
        text.replace(
          '#!/bin/sh',
          `#!/bin/sh\necho "$TINY_VALUE" >>/var/tmp/starts\ni=0; while [ $i -lt ${LINES} ]; do i=$((i + 1)); echo "line $i"; sleep 0.1; done`,
        ),
    })
    this.workshop.write('recipes/tiny.yaml', tinyRecipe(archive))
  }

  /** Another value is another build. settings: of the host, as in hosts.yaml. */
  next(settings: object = { address: 'sandbox' }): string {
    const value = `try ${++this.#tries}`
    const host = { ...settings, env: { TINY_VALUE: value }, recipes: { tiny: '*' } }
    const box = this.#host === 'box' ? {} : { box: { address: 'sandbox', recipes: {} } }
    this.workshop.write('hosts.yaml', JSON.stringify({ hosts: { ...box, [this.#host]: host } }))
    return value
  }

  /** Starts the sandbox, with nothing on it. */
  async boot(): Promise<void> {
    this.workshop.write('hosts.yaml', JSON.stringify({ hosts: { box: { address: 'sandbox', recipes: {} } } }))
    const { code, stdout, stderr } = await this.workshop.command('box')
    if (code !== 0) throw new Error(stdout + stderr)
  }

  run(onEvent: (event: Event, kill: (signal?: NodeJS.Signals) => void) => void = () => {}) {
    const run = this.workshop.start([this.#host], (event) => onEvent(event, run.kill))
    return run
  }

  /** Of the build with this value, which the run with this outcome went through to its end. starts: of its configure. */
  async judge(value: string, { code, stdout }: Outcome, starts = 1): Promise<Verdict> {
    const why: string[] = []
    const expect = (holds: boolean, what: string) => void (holds || why.push(what))
    expect(code === 0, `exit status ${code}: ${errorIn(stdout)}`)
    const { workshop } = this
    expect(workshop.read('box', 'opt/local/share/tiny/value') === `${value}\n`, 'it is not installed')
    const started = (workshop.read('box', 'var/tmp/starts') ?? '')
      .split('\n')
      .filter((line) => line === value)
    expect(started.length === starts, `configure was started ${started.length} times`)
    const recovered = why.length === 0
    return { recovered, lost: await this.#lost(stdout, why), why }
  }

  /** Against the host's log of the job, byte for byte. */
  async #lost(stdout: string, why: string[]): Promise<number> {
    const job = jobsIn(stdout).at(-1)
    if (job === undefined) return 0
    const host = await copyOf(this.workshop, job)
    const here = readFileSync(this.workshop.cache('logs', this.#host, `${job}.log`), 'latin1')
    const told = eventsOf(stdout)
      .flatMap((event) => (event.type === 'output' ? [`${event.line}\n`] : []))
      .join('')
    const output = host.replace(/^=== .*\n/gm, '')
    const differing = differences(host, here) + differences(output, Buffer.from(told).toString('latin1'))
    if (differing > 0) why.push(`${differing} lines of the log of ${job} differ`)
    return differing
  }

  close(): Promise<void> {
    return this.workshop.close()
  }
}

/** Names of the jobs that a run started or joined. */
function jobsIn(stdout: string): string[] {
  return eventsOf(stdout).flatMap((event) => (event.type === 'job' ? [event.job as string] : []))
}

function errorIn(stdout: string): string {
  const [error] = eventsOf(stdout).flatMap((event) => (event.error ? [event.error as Event] : []))
  return String(error?.message ?? '')
}

/** The host's log as a copy of it should be: a heading in the place of each step's mark, without the others. */
async function copyOf(workshop: Workshop, job: string): Promise<string> {
  // By the host: a disk that was mounted there is not to be seen from here.
  const read = async (name: string) => {
    const { stdout } = await workshop.login('box', `base64 -w0 /${JOBS}/${job}/${name}`)
    return Buffer.from(stdout, 'base64').toString('latin1')
  }
  const token = (await read('token')).trim()
  const titles = new Map(
    (await read('titles'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t') as [string, string]),
  )
  const log = await read('log')
  return log.replaceAll(new RegExp(`\x1e${token} (\\S+) (\\w+) ?(\\S*).*\n`, 'g'), (_, at, verb, name) =>
    verb === 'step' ? `=== ${titles.get(name) ?? name} (${at})\n` : '',
  )
}

/** How many lines differ: 0 when the texts are the same bytes. */
function differences(expected: string, found: string): number {
  if (expected === found) return 0
  const [a, b] = [expected.split('\n'), found.split('\n')]
  const differing = a.filter((line, index) => line !== b[index]).length
  return Math.max(1, differing + Math.max(0, b.length - a.length))
}
