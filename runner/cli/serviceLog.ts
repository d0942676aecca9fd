/** `build-stack logs HOST SERVICE --service`: the end of a service's own log on its host; with -f what it goes on to write. */
import { setTimeout as sleep } from 'node:timers/promises'
import { loadProject } from '../config/load.ts'
import { suggestion } from '../config/suggest.ts'
import { BuildStackError } from '../errors.ts'
import { type LogLine, ServiceLogReader } from '../services/logReader.ts'
import { lookCommand } from '../verify/lookCommand.ts'
import { detailsCommand, knownServices, parseDetails } from '../verify/serviceDetails.ts'
import { type OpenLine, onHostLine } from './hostLine.ts'
import type { LogsOptions } from './logs.ts'
import { projectFolder } from './projectFolder.ts'
import { toTheSecond } from './report/date.ts'
import { shortName } from './report/serviceWords.ts'
import { shownLine } from './report/shownLine.ts'
import { hostNamed } from './selectHosts.ts'

const POLL_MILLISECONDS = 1000

export async function serviceLog(
  hostName: string,
  service: string,
  step: string | undefined,
  options: LogsOptions,
): Promise<number> {
  requireNone(step, options)
  const project = await loadProject(projectFolder(options.directory))
  const host = hostNamed(project, hostName)
  const print = (line: LogLine) => process.stdout.write(`${shown(line, host.name, service, options.json)}\n`)
  const show = async (open: OpenLine) => {
    const reader = new ServiceLogReader(await logOf(service, open), options.last)
    for (;;) {
      const { lines, again } = await more(open, reader)
      for (const line of lines) print(line)
      if (again) continue
      if (!options.follow) return
      await sleep(POLL_MILLISECONDS, undefined, { signal: open.signal }).catch(() => {})
      open.signal.throwIfAborted()
    }
  }
  const left = { message: 'left; the service goes on', next: 'call it again to go on reading' }
  await onHostLine(project, host, options, show, left)
  return 0
}

function requireNone(step: string | undefined, { offline }: LogsOptions): void {
  const what = step === undefined ? (offline ? '--offline' : undefined) : `a step ("${step}")`
  if (what === undefined) return
  throw new BuildStackError('USAGE', `${what} is of a job’s log, and --service asks for a service’s`, {
    next: 'leave one of the two out',
  })
}

async function logOf(word: string, { host, facts, line }: OpenLine): Promise<string> {
  const known = knownServices(facts)
  const id = known.find((one) => one === word || shortName(one) === word)
  if (id === undefined) {
    const hint = suggestion(word, known.map(shortName), 'it has')
    throw new BuildStackError('USAGE', `${host.name} has no service "${word}"${hint}`, {
      next: `build-stack services ${host.name} shows what it has`,
    })
  }
  const { command, stdin } = detailsCommand(host, facts, [id])
  const { stdout } = await line.reading().exec(command, { stdin })
  const log = parseDetails(stdout.toString('utf8'), host.name).get(id)?.log
  if (log !== undefined) return log
  throw new BuildStackError('HOST', `${word} has no log`, {
    next: `build-stack services ${host.name} shows its state`,
  })
}

/** What has come since; over a new connection where the old one broke. */
async function more({ host, facts, line, signal }: OpenLine, reader: ServiceLogReader) {
  const { command, stdin } = lookCommand(host, facts, {
    assignments: reader.assignments(),
    configuration: [],
    scripts: ['service-log.sh'],
  })
  const { stdout } = await line.answer((transport) => transport.exec(command, { stdin, signal }))
  signal.throwIfAborted()
  return reader.receive(stdout)
}

function shown({ at, text }: LogLine, host: string, service: string, json: boolean): string {
  if (json) return JSON.stringify({ host, service, at: at?.toISOString() ?? null, line: text })
  return `${at ? `${toTheSecond(at)} ` : ''}${shownLine(text)}`
}
