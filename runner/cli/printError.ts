/** Errors as a person reads them and as a program does. Pure; main.ts and the reporters print the result. */
import { inspect } from 'node:util'
import { BuildStackError, BuildStackErrors, type ErrorCode, type Location } from '../errors.ts'
import { type Paint, painter } from './report/color.ts'
import { shownLine } from './report/shownLine.ts'

const LOG_LINES = 20

/** Every key is always there; null for what does not apply. code BUG: not the user's fault, log is the stack. */
export interface ErrorJson {
  code: ErrorCode | 'BUG'
  message: string
  host: string | null
  recipe: string | null
  step: string | null
  location: Location | null
  /** Last lines, oldest first. */
  log: string[]
  logFile: string | null
  next: string | null
  /** The system's reason: "ENOSPC: no space left on device, write". */
  cause: string | null
}

/** Lines without a line break at the end; several errors one after another. */
export function errorText(error: unknown, { color }: { color: boolean }): string {
  const paint = painter(color)
  return faults(error)
    .map((fault) => (fault instanceof BuildStackError ? ownText(fault, paint) : bugText(fault, paint)))
    .join('\n')
}

/** One object for each error. */
export function errorJson(error: unknown): ErrorJson[] {
  return faults(error).map((fault) => (fault instanceof BuildStackError ? ownJson(fault) : bugJson(fault)))
}

/** The first line of an error without its place: for one line in a list. */
export function errorSummary(error: BuildStackError): string {
  const { step } = error.context
  const message = shownLine(error.message.split('\n')[0] ?? '')
  return step && !mentions(message, step) ? `${step}: ${message}` : message
}

function faults(error: unknown): unknown[] {
  return error instanceof BuildStackErrors ? error.errors : [error]
}

function ownText(error: BuildStackError, paint: Paint): string {
  const { log = [], logFile, next } = error.context
  const [, ...more] = error.message.split('\n').map(shownLine)
  const cause = systemCause(error)
  return [
    `${place(error, paint)}${paint('red', errorSummary(error))}`,
    ...more.map((line) => `  ${line}`),
    ...(cause ? [`  cause: ${cause}`] : []),
    ...log.slice(-LOG_LINES).map((line) => `  ${paint('dim', '|')} ${shownLine(line)}`.trimEnd()),
    ...(logFile ? [`  log: ${logFile}`] : []),
    ...(next ? [`  next: ${shownLine(next)}`] : []),
  ].join('\n')
}

/** "recipes/memcached.yaml:12:5: " or "server1: memcached 1.6.18: ", without what the message says itself. */
function place(error: BuildStackError, paint: Paint): string {
  const { location, host, recipe } = error.context
  if (location) return paint('bold', `${location.file}:${location.line}:${location.column}: `)
  const parts = [host, recipe].filter((part) => part !== undefined && !mentions(error.message, part))
  return parts.map((part) => paint('bold', `${part}: `)).join('')
}

function mentions(message: string, words: string): boolean {
  const at = message.indexOf(words)
  const isWord = (character: string | undefined) => character !== undefined && /[\w.-]/.test(character)
  return at >= 0 && !isWord(message[at - 1]) && !isWord(message[at + words.length])
}

/** What the operating system said, from anywhere below the error, unless the message has it already. */
function systemCause(error: BuildStackError): string | undefined {
  let cause: unknown = error.cause
  for (let depth = 0; depth < 5 && cause instanceof Error; depth += 1) {
    const { code, syscall } = cause as NodeJS.ErrnoException
    if (code && (syscall || cause instanceof AggregateError)) {
      const text = shownLine(cause.message || code)
      return error.message.includes(text) ? undefined : text
    }
    cause = cause.cause
  }
  return undefined
}

function ownJson(error: BuildStackError): ErrorJson {
  const { host, recipe, step, location, log, logFile, next } = error.context
  return {
    code: error.code,
    message: error.message,
    host: host ?? null,
    recipe: recipe ?? null,
    step: step ?? null,
    location: location ?? null,
    log: log ?? [],
    logFile: logFile ?? null,
    next: next ?? null,
    cause: systemCause(error) ?? null,
  }
}

const BUG_NEXT = 'Please report this with the lines above and the command that you ran'

function bugText(error: unknown, paint: Paint): string {
  return [
    paint('red', 'This is a bug in build-stack:'),
    ...inspect(error)
      .split('\n')
      .map((line) => `  ${shownLine(line)}`),
    `  next: ${BUG_NEXT}`,
  ].join('\n')
}

function bugJson(error: unknown): ErrorJson {
  const message = error instanceof Error ? error.message : String(error)
  const none = { host: null, recipe: null, step: null, location: null, logFile: null, cause: null }
  return { code: 'BUG', message, ...none, log: inspect(error).split('\n'), next: BUG_NEXT }
}
