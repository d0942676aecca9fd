/**
 * The columns of svcs: width, text and order of each.
 * Read in illumos: svcs/svcs.c (columns, the sprint_ and sortkey_ functions, print_header).
 */
import { short } from '../clock.ts'
import { parseFmri } from '../fmri.ts'
import { type Groups, value, values } from '../repository.ts'

export interface Row {
  fmri: string
  /** Composed, current. */
  groups: Groups
  now: Date
  /** A column of the next state is shown too, so STATE needs no asterisk. */
  nextStateShown: boolean
}

export interface Column {
  name: string
  /** Of the header. */
  width: number
  /** With its padding. */
  print: (row: Row) => string
  /** Rows are ordered by it. */
  key: (row: Row) => string | number
  description: string
}

const letters: Record<string, [letter: string, short: string, rank: number]> = {
  disabled: ['d', 'DIS', 1],
  online: ['1', 'ON', 2],
  degraded: ['D', 'DGD', 3],
  offline: ['0', 'OFF', 4],
  maintenance: ['m', 'MNT', 5],
  uninitialized: ['u', 'UN', 6],
}

function state(row: Row): string {
  return value(row.groups, 'restarter', 'state') ?? ''
}

/** Empty when no transition is under way. */
function nextState(row: Row): string {
  const next = value(row.groups, 'restarter', 'next_state') ?? ''
  return next === 'none' ? '' : next
}

function star(row: Row): string {
  return !row.nextStateShown && letters[nextState(row)] ? '*' : ''
}

function letter(name: string): string {
  return letters[name]?.[0] ?? '?'
}

function abbreviation(name: string): string {
  return letters[name]?.[1] ?? '?'
}

function rank(name: string): number {
  return letters[name]?.[2] ?? 7
}

function stamp(row: Row): number {
  return Number(value(row.groups, 'restarter', 'state_timestamp') ?? 0)
}

function contract(row: Row): string | undefined {
  return values(row.groups, 'restarter', 'contract')?.[0]
}

/** A field of a fixed width that longer text is cut to. */
function fixed(text: string, width: number): string {
  return text.padEnd(width).slice(0, width)
}

/** A field that grows with its text. */
function growing(text: string, width: number): string {
  return `${text.padEnd(width)} `
}

function part(row: Row, name: 'service' | 'instance'): string {
  return parseFmri(row.fmri)?.[name] ?? '-'
}

export const columns: Column[] = [
  {
    name: 'CTID',
    width: 6,
    print: (row) => `${(contract(row) ?? '-').padStart(6)} `,
    key: (row) => Number(contract(row) ?? 0),
    description: 'contract ID for service (see contract(4))',
  },
  {
    name: 'DESC',
    width: 100,
    print: (row) => growing((value(row.groups, 'tm_common_name', 'C') ?? '-').replaceAll('\n', ' '), 100),
    key: () => 0,
    description: 'human-readable description of the service',
  },
  {
    name: 'FMRI',
    width: 50,
    print: (row) => growing(row.fmri, 50),
    key: (row) => row.fmri,
    description: 'Fault Managed Resource Identifier for service',
  },
  {
    name: 'INST',
    width: 20,
    print: (row) => fixed(part(row, 'instance'), 21),
    key: (row) => part(row, 'instance'),
    description: 'portion of the FMRI indicating service instance',
  },
  {
    name: 'N',
    width: 1,
    print: (row) => fixed(nextState(row) ? letter(nextState(row)) : '-', 2),
    key: (row) => rank(nextState(row)),
    description: 'abbreviation for next state (if in transition)',
  },
  {
    name: 'NSTA',
    width: 4,
    print: (row) => fixed(nextState(row) ? abbreviation(nextState(row)) : '-', 5),
    key: (row) => rank(nextState(row)),
    description: 'abbreviation for next state (if in transition)',
  },
  {
    name: 'NSTATE',
    width: 13,
    print: (row) => fixed(nextState(row) || '-', 14),
    key: (row) => rank(nextState(row)),
    description: 'name for next state (if in transition)',
  },
  {
    name: 'S',
    width: 2,
    print: (row) => fixed(letter(state(row)) + star(row), 3),
    key: (row) => rank(state(row)),
    description: 'abbreviation for current state',
  },
  {
    name: 'SCOPE',
    width: 20,
    print: () => fixed('localhost', 21),
    key: () => 'localhost',
    description: 'name for scope associated with service',
  },
  {
    name: 'SN',
    width: 2,
    print: (row) => fixed(letter(state(row)) + (nextState(row) ? letter(nextState(row)) : '-'), 3),
    key: (row) => rank(state(row)) * 10 + rank(nextState(row)),
    description: 'abbreviation for current state and next state',
  },
  {
    name: 'SVC',
    width: 20,
    print: (row) => growing(part(row, 'service'), 20),
    key: (row) => part(row, 'service'),
    description: 'portion of the FMRI representing service name',
  },
  {
    name: 'STA',
    width: 4,
    print: (row) => fixed(abbreviation(state(row)) + star(row), 5),
    key: (row) => rank(state(row)),
    description: 'abbreviation for current state',
  },
  {
    name: 'STATE',
    width: 14,
    print: (row) => fixed((state(row) || '-') + star(row), 15),
    key: (row) => rank(state(row)),
    description: 'name for current state',
  },
  {
    name: 'STIME',
    width: 8,
    print: (row) => fixed(stamp(row) === 0 ? '-' : short(new Date(stamp(row) * 1000), row.now), 9),
    key: stamp,
    description: 'time of last state change',
  },
  {
    name: 'ZONE',
    width: 16,
    print: () => growing('global', 16),
    key: () => 'global',
    description: 'name of zone',
  },
]

export function findColumn(name: string): Column | undefined {
  return columns.find((c) => c.name === name.toUpperCase())
}

export function header(shown: Column[]): string {
  return shown
    .map((c) => `${fixed(c.name, c.width)} `)
    .join('')
    .trimEnd()
}

export const NEXT_STATE_COLUMNS = ['N', 'SN', 'NSTA', 'NSTATE']
