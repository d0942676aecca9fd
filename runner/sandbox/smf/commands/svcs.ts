/**
 * svcs: what runs, what does not, and why.
 * Read in illumos: svcs/svcs.c (main, list_instance, list_dependencies, list_dependents, print_usage), svcs(1).
 */
import { short } from '../clock.ts'
import { filePath, parseFmri } from '../fmri.ts'
import { canonical, readDependencies } from '../graph/dependencies.ts'
import { type Selection, select } from '../patterns.ts'
import { startTime } from '../processes.ts'
import { isEnabled, value } from '../repository.ts'
import type { Call, Command, Output, Smf } from './command.ts'
import { getopt, type Options } from './getopt.ts'
import { type Column, columns, findColumn, header, NEXT_STATE_COLUMNS, type Row } from './svcsColumns.ts'
import { explain } from './svcsExplain.ts'
import { describe } from './svcsLong.ts'

const USAGE = `Usage: svcs [-aHpv] [-o col[,col ... ]] [-R restarter] [-sS col] [-Z | -z zone ]
            [<service> ...]
       svcs -d | -D [-Hpv] [-o col[,col ... ]] [-sS col] [-Z | -z zone ]
            [<service> ...]
       svcs [-l | -L] [-Z | -z zone] <service> ...
       svcs -x [-v] [-Z | -z zone] [<service> ...]
       svcs -?
`

const HELP = `
\t-a  list all service instances rather than only those that are enabled
\t-d  list dependencies of the specified service(s)
\t-D  list dependents of the specified service(s)
\t-H  omit header line from output
\t-l  list detailed information about the specified service(s)
\t-L  list the log file associated with the specified service(s)
\t-o  list only the specified columns in the output
\t-p  list process IDs and names associated with each service
\t-R  list only those services with the specified restarter
\t-s  sort output in ascending order by the specified column(s)
\t-S  sort output in descending order by the specified column(s)
\t-v  list verbose information appropriate to the type of output
\t-x  explain the status of services that might require maintenance,
\t    or explain the status of the specified service(s)

\tColumns for output or sorting can be specified using these names:

`

interface Listing {
  shown: Column[]
  order: { column: Column; descending: boolean }[]
  header: boolean
  processes: boolean
}

export const svcs: Command = (smf, call: Call, output: Output) => {
  const parsed = getopt(call.args, 'aHpvo:R:s:S:dDlL?xZz:')
  if (parsed.unknown !== undefined) output.usage(USAGE)
  const { options, operands } = parsed
  const letters = new Set(options.map((o) => o.letter))
  if (letters.has('?')) return help(output)
  const modes = options.filter((o) => 'dDlLx'.includes(o.letter))
  const mode = modes[0]?.letter
  if (modes.length > 1 || conflicts(letters, mode)) output.usage(USAGE)
  if (letters.has('a') && operands.length > 0) output.warn('-a ignored when used with arguments.')
  if (mode === 'x') return explain(smf, operands, letters.has('v'), output)
  if (mode !== undefined && operands.length === 0) output.usage(USAGE)
  if (mode === 'l' || mode === 'L') {
    const { fmris, status } = chosen(smf, operands, output)
    for (const [index, fmri] of fmris.entries()) {
      if (mode === 'L')
        output.line(value(smf.repository.instanceOf(fmri)?.groups ?? {}, 'restarter', 'logfile') ?? '')
      else describe(smf, fmri, { processes: letters.has('p'), first: index === 0 }, output)
    }
    return status
  }
  const listing = readListing(parsed, output)
  const { fmris, status } = rows(smf, mode, parsed, output)
  list(smf, fmris, listing, output)
  return status
}

function help(output: Output): number {
  output.stdout += USAGE + HELP
  for (const column of columns) output.line(`\t${column.name.padEnd(6)}  ${column.description}`)
  return 0
}

function conflicts(letters: Set<string>, mode: string | undefined): boolean {
  const refused = (with_: string) => [...with_].some((l) => letters.has(l))
  if (mode === 'l' || mode === 'x') return refused(mode === 'x' ? 'aHpoRsS' : 'aHoRsS')
  return mode !== undefined && refused('aRsS')
}

function chosen(smf: Smf, operands: string[], output: Output): { fmris: string[]; status: number } {
  const { fmris, errors }: Selection = select(smf.repository, operands)
  for (const error of errors) output.warn(error)
  return { fmris, status: errors.length > 0 ? 1 : 0 }
}

function readListing({ options }: Options, output: Output): Listing {
  const verbose = options.some((o) => o.letter === 'v')
  const names =
    options.findLast((o) => o.letter === 'o')?.argument ??
    (verbose ? 'state,nstate,stime,ctid,fmri' : 'state,stime,fmri')
  if (names === '') output.die('No columns specified.')
  const shown = names.split(',').map((name) => findColumn(name) ?? output.die(`Unknown column "${name}".`))
  const wishes = options.filter((o) => o.letter === 's' || o.letter === 'S')
  const given = wishes.map(({ letter, argument }) => ({
    column: findColumn(argument) ?? output.die(`Unrecognized sort column "${argument}".`),
    descending: letter === 'S',
  }))
  const usual = ['STATE', 'STIME', 'FMRI'].flatMap((n) => findColumn(n) ?? [])
  return {
    shown,
    order: given.length > 0 ? given : usual.map((column) => ({ column, descending: false })),
    header: !options.some((o) => o.letter === 'H'),
    processes: options.some((o) => o.letter === 'p'),
  }
}

function rows(
  smf: Smf,
  mode: string | undefined,
  { options, operands }: Options,
  output: Output,
): { fmris: string[]; status: number } {
  const restarters = options.filter((o) => o.letter === 'R').map((o) => o.argument)
  const all = [...smf.repository.instances()]
  if (mode === 'd' || mode === 'D') {
    const { fmris, status } = chosen(smf, operands, output)
    const found = fmris.flatMap((fmri) => (mode === 'd' ? needs(smf, fmri) : dependents(smf, fmri)))
    return { fmris: [...new Set(found)], status }
  }
  if (operands.length > 0) return chosen(smf, operands, output)
  const everything = restarters.length > 0 || options.some((o) => o.letter === 'a')
  const list = all.filter(({ entity, service, instance }) => {
    const groups = smf.repository.composed({ service, instance })
    const restarter = value(groups, 'general', 'restarter') ?? 'svc:/system/svc/restarter:default'
    if (restarters.length > 0 && !restarters.includes(restarter)) return false
    return everything || isEnabled(entity.groups) || value(entity.groups, 'general', 'enabled') === 'true'
  })
  return { fmris: list.map((i) => i.fmri), status: 0 }
}

/** Instances that an instance depends on, exclusions left out. */
export function needs(smf: Smf, fmri: string): string[] {
  const name = parseFmri(fmri)
  const dependencies = (name && readDependencies(smf.repository.composed(name, 'running'))) ?? []
  return dependencies
    .filter((d) => d.grouping !== 'exclude_all')
    .flatMap((d) => d.entities)
    .filter((entity) => filePath(entity) === undefined)
    .flatMap((entity) => {
      const parsed = parseFmri(entity)
      if (parsed?.instance !== undefined) return smf.repository.instanceOf(entity) ? [canonical(entity)] : []
      const service = parsed && smf.repository.service(parsed.service)
      return Object.keys(service?.instances ?? {}).map((i) => `svc:/${parsed?.service}:${i}`)
    })
}

export function dependents(smf: Smf, fmri: string): string[] {
  return [...smf.repository.instances()]
    .map((i) => i.fmri)
    .filter((other) => needs(smf, other).includes(fmri))
}

function list(smf: Smf, fmris: string[], listing: Listing, output: Output): void {
  if (listing.header) output.line(header(listing.shown))
  const nextStateShown = listing.shown.some((c) => NEXT_STATE_COLUMNS.includes(c.name))
  const now = new Date()
  const table = fmris.map((fmri): Row => {
    const name = parseFmri(fmri)
    return { fmri, groups: name ? smf.repository.composed(name) : {}, now, nextStateShown }
  })
  table.sort((a, b) => {
    for (const { column, descending } of listing.order) {
      const [x, y] = [column.key(a), column.key(b)]
      if (x !== y) return (x < y ? -1 : 1) * (descending ? -1 : 1)
    }
    return 0
  })
  for (const row of table) {
    output.line(
      listing.shown
        .map((c) => c.print(row))
        .join('')
        .trimEnd(),
    )
    if (listing.processes) for (const line of processLines(smf, row.fmri, now)) output.line(line)
  }
}

function processLines(smf: Smf, fmri: string, now: Date): string[] {
  const contract = smf.startd.service(fmri)?.contract
  if (contract === undefined) return []
  const members = smf.contracts.members(contract).sort((a, b) => a.pid - b.pid)
  return members.map((p) => {
    const time = short(startTime(p), now).padEnd(8)
    return `               ${time}   ${String(p.pid).padStart(6)} ${p.command}`
  })
}
