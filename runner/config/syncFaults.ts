/** What a schema cannot say of a profile: expressions and dates that are none, roots that cannot be. */
import { RegExpValidator } from '@eslint-community/regexpp'
import type { BuildStackError } from '../errors.ts'
import { faultAt } from './checks/check.ts'
import type { Document, Path } from './document.ts'
import { flagsOf } from './pathPattern.ts'
import type { SyncFile } from './syncProfile.ts'

const EXPIRES = /^\d+[hd]$/

export function syncFaults(file: SyncFile, document: Document): BuildStackError[] {
  const faults: BuildStackError[] = []
  const add = (path: Path, problem: string | undefined, next?: string) => {
    if (problem !== undefined)
      faults.push(faultAt(document, path, problem, next === undefined ? {} : { next }))
  }
  for (const [i, pattern] of file.ignore.entries()) add(['ignore', i], regexProblem(pattern))
  for (const [i, { match, expires }] of file.headers.entries()) {
    add(['headers', i, 'match'], regexProblem(match))
    if (expires !== undefined && !EXPIRES.test(expires) && Number.isNaN(Date.parse(expires)))
      add(['headers', i, 'expires'], `"${expires}" is neither a date (2027-01-31) nor a time (12h, 30d)`)
  }
  if (Array.isArray(file.gzip))
    for (const [i, pattern] of file.gzip.entries()) add(['gzip', i], regexProblem(pattern))
  for (const [i, root] of file.roots.entries()) {
    if (root === '') add(['roots', i], 'a root cannot be empty')
    if (typeof root !== 'string' && file.links === 'follow')
      add(['roots', i], 'links of a host cannot be followed', 'Say "links: keep" or "links: skip".')
  }
  if ((file.access_key_id === undefined) !== (file.secret_access_key === undefined)) {
    const there = file.access_key_id === undefined ? 'secret_access_key' : 'access_key_id'
    add([there], 'access_key_id and secret_access_key come together')
  }
  return faults
}

/** "unterminated group at character 3"; undefined for an expression. */
function regexProblem(source: string): string | undefined {
  const { pattern, offset } = flagsOf(source)
  try {
    new RegExpValidator({ ecmaVersion: 2024, strict: false }).validatePattern(pattern)
    return undefined
  } catch (error) {
    const { message, index } = error as { message: string; index?: number }
    if (index === undefined) throw error
    const reason = message.replace(/^.*: /, '').toLowerCase()
    return `"${source}" is not a regular expression: ${reason} at character ${index + offset + 1}`
  }
}
