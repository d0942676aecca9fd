/**
 * Checks a parsed file against its schema. Each fault says in our words what was expected, what was found and
 * where; nothing of the schema library's wording reaches the user.
 */
import * as z from 'zod'
import type { BuildStackError } from '../errors.ts'
import type { Document, Path } from './document.ts'
import { configFault, throwFaults } from './faults.ts'
import { pathText } from './pathText.ts'
import { accepts, allowedKeys, allowedWords, expectedKey, expectedText, schemasAt } from './schemaWalk.ts'
import { closest, suggestion } from './suggest.ts'

// A run checks a few small files: compiling the schemas first would cost more than it saves.
z.config({ jitless: true })

type Schema = z.core.$ZodType
type Issue = z.core.$ZodIssue

/** The value as the schema gives it (defaults filled in). Throws all faults of the file, in order of line. */
export function validate<T extends z.ZodType>(schema: T, document: Document): z.infer<T> {
  const result = schema.safeParse(document.value)
  if (result.success) return result.data
  const faults = result.error.issues.flatMap((issue) => explain(issue, { schema, document, base: [] }))
  throwFaults(withoutEchoes(faults).map((fault) => fault.error))
  throw new Error('the schema refused a value and gave no reason')
}

interface Scope {
  /** The schema of the value at `base`. */
  schema: Schema
  base: Path
  document: Document
}

interface Fault {
  error: BuildStackError
  /** Set for an unknown key whose near miss is known: a missing key of that name is then no second fault. */
  meant?: string
  missing?: string
}

function withoutEchoes(faults: Fault[]): Fault[] {
  const meant = new Set(faults.map((fault) => fault.meant))
  return faults.filter((fault) => !fault.missing || !meant.has(fault.missing))
}

function explain(issue: Issue, scope: Scope): Fault[] {
  const within = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  const path = [...scope.base, ...within]
  const schemas = schemasAt(scope.schema, within)
  const fault = (message: string, part: 'key' | 'value' = 'value') =>
    configFault(labelled(path, message), scope.document.locate(path, part))

  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(key, path, allowedKeys(schemas), scope))
  }
  if (issue.code === 'invalid_key') {
    const parent = expectedKey(schemasAt(scope.schema, within.slice(0, -1)))
    const message = labelled(path.slice(0, -1), `expected ${parent}, got "${path.at(-1)}"`)
    return [{ error: configFault(message, scope.document.locate(path, 'key')) }]
  }
  if (isMissing(path, scope.document)) return [missingKey(path, schemas, scope)]
  if (issue.code === 'invalid_union') {
    const options = schemas.flatMap(optionsOf)
    const closest = closestBranch(issue.errors, (inner, index) => {
      const schema = options[index]
      return schema ? explain(inner, { ...scope, schema, base: path }) : []
    })
    if (closest) return closest
  }
  return [{ error: fault(mismatch(path, schemas, scope.document)) }]
}

function labelled(path: Path, message: string): string {
  return path.length ? `${pathText(path)}: ${message}` : message
}

function unknownKey(key: string, path: Path, allowed: string[], { document }: Scope): Fault {
  const message = labelled(path, `unknown key "${key}"${suggestion(key, allowed, 'allowed here')}`)
  const near = closest(key, allowed)
  const error = configFault(message, document.locate([...path, key], 'key'))
  return near === undefined ? { error } : { error, meant: pathText([...path, near]) }
}

function missingKey(path: Path, schemas: Schema[], { document }: Scope): Fault {
  const parent = path.slice(0, -1)
  const message = labelled(parent, `missing key "${path.at(-1)}" (${expectedText(schemas)})`)
  return { error: configFault(message, document.locate(parent, 'key')), missing: pathText(path) }
}

function isMissing(path: Path, document: Document): boolean {
  const parent = valueAt(document.value, path.slice(0, -1))
  const last = path.at(-1)
  return typeof last === 'string' && isMap(parent) && !Object.hasOwn(parent, last)
}

function mismatch(path: Path, schemas: Schema[], document: Document): string {
  const value = valueAt(document.value, path)
  const expected = expectedText(schemas)
  const near = typeof value === 'string' ? closest(value, allowedWords(schemas)) : undefined
  const hint = near === undefined ? '' : `; did you mean "${near}"?`
  return `expected ${expected}, got ${described(value, schemas, document.sourceText(path))}${hint}`
}

const SHORT = 40

function described(value: unknown, schemas: Schema[], source = ''): string {
  if (value === null) return source === '' ? 'nothing' : 'null'
  if (Array.isArray(value)) return value.length ? 'a list' : 'an empty list'
  if (isMap(value)) return 'a map'
  if (typeof value !== 'string') {
    if (accepts(typeof value, schemas)) return source
    if (!accepts('string', schemas)) return typeof value
    const read = String(value) === source ? '' : `, which YAML reads as ${value}`
    return `${typeof value} ${source}${read}; write "${source}"`
  }
  if (!accepts('string', schemas)) return 'string'
  const shown = JSON.stringify(value.length > SHORT ? `${value.slice(0, SHORT)}…` : value)
  return value.length > SHORT ? `${shown} (${value.length} characters)` : shown
}

/**
 * The faults of the branch that the value was most likely meant to be: the one with the fewest. Undefined when the
 * value is of no branch's kind.
 */
function closestBranch(
  errors: Issue[][],
  explainIn: (issue: Issue, index: number) => Fault[],
): Fault[] | undefined {
  let best: Fault[] | undefined
  for (const [index, issues] of errors.entries()) {
    if (issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type')) continue
    const faults = withoutEchoes(issues.flatMap((issue) => explainIn(issue, index)))
    if (!best || faults.length < best.length) best = faults
  }
  return best
}

/** The branches as zod numbers them: unions within unions are one branch each. */
function optionsOf(schema: Schema): Schema[] {
  const def = schema._zod.def as { options?: Schema[]; innerType?: Schema }
  return def.options ?? (def.innerType ? optionsOf(def.innerType) : [])
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, part) => (at as Record<string | number, unknown> | null)?.[part], value)
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
