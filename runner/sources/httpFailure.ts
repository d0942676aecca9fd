/** What went wrong in a download, in words, and whether another try can help. No effects. */
import { STATUS_CODES } from 'node:http'
import { PlaceFailure } from './source.ts'

/** Something that may be over in a second: a cut-off body, an overloaded server. */
export class PassingFailure extends Error {}

const PASSING = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE'])

const WORDS: Record<string, string> = {
  ENOTFOUND: 'no address is known for HOST',
  EAI_AGAIN: 'no name server answered for HOST',
  ECONNREFUSED: 'HOST refused the connection',
  ENETUNREACH: 'there is no way to HOST from here',
  EHOSTUNREACH: 'there is no way to HOST from here',
  ECONNRESET: 'HOST cut the connection',
  EPIPE: 'HOST cut the connection',
  ETIMEDOUT: 'HOST did not answer',
  ERR_STREAM_PREMATURE_CLOSE: 'HOST cut the connection',
}

/** Codes of a file system that cannot take what was downloaded. */
const LOCAL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'EFBIG', 'ENOENT', 'ENOTDIR'])

export function isPassing(error: unknown): boolean {
  return error instanceof PassingFailure || (!isUnreachable(error) && PASSING.has(codeOf(error)))
}

/** No connection came about at all: the same will happen for all that is fetched from there. */
export function isUnreachable(error: unknown): boolean {
  const first = error instanceof AggregateError ? error.errors[0] : error
  const syscall = (first as NodeJS.ErrnoException | undefined)?.syscall
  return syscall === 'connect' || syscall === 'getaddrinfo'
}

export function isLocal(error: unknown): boolean {
  return !isUnreachable(error) && LOCAL.has(codeOf(error))
}

/** The reason, for the list of the places tried. */
export function explain(error: unknown, url: URL): string {
  const words = WORDS[codeOf(error)]
  if (words !== undefined) return words.replace('HOST', url.host)
  return error instanceof Error ? error.message : String(error)
}

/** The failure for an answer without a body to use. */
export function statusFailure(status: number): Error {
  const reason = `HTTP ${status} ${STATUS_CODES[status] ?? ''}`.trim()
  const passing = status === 408 || status === 425 || status === 429 || status >= 500
  return passing ? new PassingFailure(reason) : new PlaceFailure(reason)
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | undefined)?.code ?? '')
}
