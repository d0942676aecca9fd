/** Finds the part of a schema that a path in a value leads to, and what a person would call it. */
import type * as z from 'zod'
import type { Path } from './document.ts'

type Schema = z.core.$ZodType
/** The parts of zod's definitions that are walked here; each kind of schema has some of them. */
interface Definition {
  type: string
  innerType?: Schema
  shape?: Record<string, Schema>
  keyType?: Schema
  valueType?: Schema
  element?: Schema
  options?: Schema[]
}

function definition(schema: Schema): Definition {
  return schema._zod.def as unknown as Definition
}

/** Without optional, default and the like. */
function unwrap(schema: Schema): Schema {
  const inner = definition(schema).innerType
  return inner ? unwrap(inner) : schema
}

/** The options of a union, its unions opened too; of anything else the schema itself. */
export function branches(schema: Schema): Schema[] {
  const bare = unwrap(schema)
  return definition(bare).options?.flatMap(branches) ?? [bare]
}

/** Every schema that a value at the path may be checked against: more than one where a union lies on the way. */
export function schemasAt(schema: Schema, path: Path): Schema[] {
  const [first, ...rest] = path
  if (first === undefined) return [schema]
  return branches(schema).flatMap((branch) => {
    const { shape, valueType, element } = definition(branch)
    const child = shape ? shape[String(first)] : (valueType ?? element)
    return child ? schemasAt(child, rest) : []
  })
}

/** What the schema's meta({ expected }) says, the outermost first. */
export function expectedText(schemas: Schema[]): string {
  const texts = schemas.map(ownText).filter((text) => text !== undefined)
  return [...new Set(texts)].join(' or ') || 'something else'
}

function ownText(schema: Schema): string | undefined {
  const { expected } = (schema as z.ZodType).meta() ?? {}
  if (typeof expected === 'string') return expected
  const inner = definition(schema).innerType
  return inner && ownText(inner)
}

/** The keys that maps at these schemas may have; empty for maps with any keys. */
export function allowedKeys(schemas: Schema[]): string[] {
  return [...new Set(schemas.flatMap(branches).flatMap((s) => Object.keys(definition(s).shape ?? {})))]
}

/** What a key of a map with free names must look like. */
export function expectedKey(schemas: Schema[]): string {
  const keys = schemas.flatMap(branches).map((branch) => definition(branch).keyType)
  return expectedText(keys.filter((key) => key !== undefined))
}

/** The words an enumeration allows; empty for other schemas. */
export function allowedWords(schemas: Schema[]): string[] {
  return schemas.flatMap(branches).flatMap((branch) => {
    const { entries } = branch._zod.def as { entries?: Record<string, string> }
    return entries ? Object.values(entries) : []
  })
}

/** Whether a value of this JavaScript type can be right at the schemas; strings for enumerations too. */
export function accepts(type: string, schemas: Schema[]): boolean {
  return schemas.flatMap(branches).some((branch) => {
    const kind = definition(branch).type
    return kind === type || (type === 'string' && kind === 'enum')
  })
}
