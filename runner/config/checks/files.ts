/** Paths on the host: inside their root, none written twice, owned by accounts with possible names. */
import { posix } from 'node:path'
import type { BuildStackError } from '../../errors.ts'
import type { Path } from '../document.ts'
import { type Block, type Check, type CheckContext, faultAt } from './check.ts'

const ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.-]{0,30}$/
const ACCOUNT_KEYS = ['owner', 'group', 'user'] as const

export const checkFiles: Check = ({ blocks, document }) =>
  blocks.flatMap((block) => [
    ...pathFaults(block, document),
    ...duplicates(block, document),
    ...accountNames(block, document),
  ])

type Document = CheckContext['document']

function pathFaults({ path, fields }: Block, document: Document): BuildStackError[] {
  const faults: BuildStackError[] = []
  const check = (at: Path, problem: string | undefined) => {
    if (problem !== undefined) faults.push(faultAt(document, at, problem))
  }
  if (fields.directory !== undefined) check([...path, 'directory'], insideProblem(fields.directory))
  for (const [i, { from, to }] of (fields.copy ?? []).entries()) {
    check([...path, 'copy', i, 'from'], insideProblem(from))
    check([...path, 'copy', i, 'to'], belowPrefixProblem(to))
  }
  for (const [i, folder] of (fields.path ?? []).entries())
    check([...path, 'path', i], absoluteProblem(folder))
  for (const [i, file] of (fields.files ?? []).entries())
    check([...path, 'files', i, 'path'], hostPathProblem(file.path))
  for (const [i, setup] of (fields.setup ?? []).entries())
    check([...path, 'setup', i, 'creates'], hostPathProblem(setup.creates))
  for (const [name, service] of Object.entries(fields.services ?? {}))
    check([...path, 'services', name, 'directory'], absoluteProblem(service.directory))
  for (const [i, account] of (fields.accounts ?? []).entries()) {
    check([...path, 'accounts', i, 'home'], absoluteProblem(account.home))
    check([...path, 'accounts', i, 'shell'], absoluteProblem(account.shell))
  }
  return faults
}

/** Variables of the recipe that stand for absolute folders. */
const ABSOLUTE = /^(?:\/|\$\{(?:prefix|work)\}(?:\/|$))/

/** The path as it is below the prefix, or absolute. */
function normalized(path: string): string {
  return posix.normalize(path.replace(/^\$\{prefix\}\/+/, ''))
}

function climbs(path: string): boolean {
  return path.split('/').includes('..')
}

function insideProblem(path: string): string | undefined {
  if (path.startsWith('/')) return `"${path}" must be a folder inside the archive, not an absolute path`
  return climbs(path) ? `"${path}" leads out of the archive` : undefined
}

function hostPathProblem(path: string): string | undefined {
  if (climbs(path)) return `"${path}" leads out of its root with ".."`
  if (path.endsWith('/') || ['', '.', '${prefix}'].includes(path)) return `"${path}" names no file`
  return /[\r\n]/.test(path) ? 'a path cannot hold a line end' : undefined
}

function belowPrefixProblem(path: string): string | undefined {
  if (normalized(path).startsWith('/')) return `"${path}" must be below the prefix, not an absolute path`
  return climbs(path) ? `"${path}" leads out of the prefix` : undefined
}

function absoluteProblem(path: string): string | undefined {
  if (!ABSOLUTE.test(path)) return `"${path}" is not an absolute path; write for example \${prefix}/var`
  if (climbs(path)) return `"${path}" leads out of its root with ".."`
  return /[\r\n:]/.test(path) ? 'a path cannot hold a line end or a colon here' : undefined
}

function duplicates({ path, fields }: Block, document: Document): BuildStackError[] {
  const files = fields.files ?? []
  return files.flatMap((file, i) => {
    // Two with conditions may well be meant for different hosts.
    const first = files.findIndex(
      (other) => normalized(other.path) === normalized(file.path) && !(other.when && file.when),
    )
    if (first < 0 || first >= i) return []
    const line = document.locate([...path, 'files', first, 'path']).line
    return [faultAt(document, [...path, 'files', i, 'path'], `the same path as in line ${line}`)]
  })
}

function accountNames({ path, fields }: Block, document: Document): BuildStackError[] {
  const holders: [Path, object][] = [
    ...(fields.files ?? []).map((file, i): [Path, object] => [['files', i], file]),
    ...(fields.setup ?? []).map((setup, i): [Path, object] => [['setup', i], setup]),
    ...(fields.accounts ?? []).map((account, i): [Path, object] => [['accounts', i], account]),
    ...Object.entries(fields.services ?? {}).map(([name, s]): [Path, object] => [['services', name], s]),
  ]
  return holders.flatMap(([at, holder]) =>
    ACCOUNT_KEYS.flatMap((key) => {
      const name = (holder as Record<string, unknown>)[key]
      if (typeof name !== 'string' || ACCOUNT.test(name)) return []
      return [faultAt(document, [...path, ...at, key], `"${name}" is not the name of an account or group`)]
    }),
  )
}
