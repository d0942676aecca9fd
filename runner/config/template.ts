/**
 * `${name}` in the strings of recipes. Nothing is evaluated: a variable is replaced by its value, whatever that
 * holds, and `$${` stands for a literal `${`.
 */
import { BuildStackError } from '../errors.ts'
import { literalPattern } from './literalPattern.ts'
import { suggestion } from './suggest.ts'

/**
 * prefix: where everything is installed; name, version: of the recipe; jobs: for make -j; work: the folder of
 * builds on the host; arch: the machine (uname -m); scan: the folder that svscan watches; path: the host's PATH.
 */
export const VARIABLES = ['prefix', 'name', 'version', 'jobs', 'work', 'arch', 'scan', 'path'] as const
export type Variable = (typeof VARIABLES)[number]

/**
 * What the host is, for its configuration: name, address: as hosts.yaml has them; hostname: uname -n; os, release: uname -s
 * and -r; cpus; memory: MiB.
 */
export const HOST_VARIABLES = [
  'host.name',
  'host.address',
  'host.hostname',
  'host.os',
  'host.release',
  'host.cpus',
  'host.memory',
] as const
export type HostVariable = (typeof HOST_VARIABLES)[number]

/** Values of variables by name: the fixed ones, and `value.NAME` for each of the host's values. */
export type Values = Partial<Record<Variable | HostVariable | `value.${string}`, string>>

/** A host's own: `${value.NAME}` is in hosts.yaml, `${secret.NAME}` outside of it. Which there are, only a host tells. */
const OF_HOST = /^(value|secret)\.[A-Za-z_][A-Za-z0-9_]*$/

export type TemplatePart = string | { variable: string; offset: number }

/** `offset` counts from 0 within the string, at the `$`. */
export interface TemplateFault {
  offset: number
  message: string
}

const MARK = /\$\$\{|\$\{([^}]*)(\}?)/g

/** The literal pieces and the variables, in order. An unclosed `${` is a variable whose name is the rest. */
export function parseTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  let done = 0
  for (const mark of text.matchAll(MARK)) {
    if (mark.index > done) parts.push(text.slice(done, mark.index))
    if (mark[0] === '$${') parts.push('${')
    else parts.push({ variable: `${mark[1]}${mark[2] ? '' : '\n'}`, offset: mark.index })
    done = mark.index + mark[0].length
  }
  if (done < text.length) parts.push(text.slice(done))
  return parts
}

/** Names of the variables in the text, each once, in order. */
export function variables(text: string): string[] {
  const names = parseTemplate(text).flatMap((part) => (typeof part === 'string' ? [] : [part.variable]))
  return [...new Set(names)]
}

export function templateFaults(text: string, known: readonly string[] = VARIABLES): TemplateFault[] {
  return parseTemplate(text).flatMap((part) => {
    if (typeof part === 'string' || known.includes(part.variable) || OF_HOST.test(part.variable)) return []
    return [{ offset: part.offset, message: faultOf(part.variable, known) }]
  })
}

function faultOf(variable: string, known: readonly string[]): string {
  if (variable.endsWith('\n')) return '"${" is not closed by "}"; write $${ for a literal ${'
  const hint = suggestion(variable, known, 'known are')
  return `unknown variable \${${variable}}${hint}${/^[a-z]+$/.test(variable) ? '' : '; write $${ for a literal ${'}`
}

/** The text with every variable replaced. `values` may lack variables that the text does not use. */
export function expand(text: string, values: Values): string {
  return parseTemplate(text)
    .map((part) => {
      if (typeof part === 'string') return part
      const value = Object.hasOwn(values, part.variable) ? values[part.variable as Variable] : undefined
      if (value !== undefined) return value
      // Its value is nobody's business before the file goes to the host: see desired/secrets.ts.
      if (part.variable.startsWith('secret.')) return `\${${part.variable}}`
      const message = faultOf(part.variable, Object.keys(values))
      throw new BuildStackError(
        'CONFIG',
        `${message} (character ${part.offset + 1} of ${JSON.stringify(text)})`,
      )
    })
    .join('')
}

/** A copy of plain data with every string in it expanded; keys stay as they are. */
export function expandAll<T>(data: T, values: Values): T {
  if (typeof data === 'string') return expand(data, values) as T
  if (Array.isArray(data)) return data.map((item) => expandAll(item, values)) as T
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, expandAll(value, values)])) as T
}

/** A regular expression with every variable replaced by a pattern that matches the value itself. */
export function expandPattern(pattern: string, values: Values): string {
  const escaped = Object.entries(values).map(([name, value = '']) => [name, literalPattern(value)])
  return expand(pattern, Object.fromEntries(escaped))
}
