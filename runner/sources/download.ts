/** Downloads a URL into a part file: resumes what is there, tries again where that can help, gives up at once else. */
import { createWriteStream } from 'node:fs'
import { stat, truncate } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, discard, get, isHttp } from './http.ts'
import { explain, isLocal, isPassing, isUnreachable, PassingFailure, statusFailure } from './httpFailure.ts'
import { PlaceFailure } from './source.ts'

export interface DownloadOptions {
  /** Bytes that the archive has, where known. */
  size?: number | undefined
  signal?: AbortSignal | undefined
  onProgress?: ((done: number, total: number | undefined) => void) | undefined
  stallMilliseconds?: number
  /** Wait before the second try; doubled for each further one. */
  retryMilliseconds?: number
}

const TRIES = 3
/** A try that brought at least so much was worth it and does not count. */
const WORTHWHILE = 256 * 1024

/** Origins that did not answer, with the reason: the next source from there need not wait for the time-out again. */
const unreachable = new Map<string, string>()

/**
 * Resolves when the body is complete as far as HTTP tells; its checksum is the caller's to check. resumed says that
 * bytes of an earlier process are in it. Rejects with PlaceFailure, whose message is the reason; with the signal's
 * reason when aborted; with the file system's error when the part cannot be written.
 */
export async function download(
  url: URL,
  part: string,
  options: DownloadOptions = {},
): Promise<{ resumed: boolean }> {
  if (!isHttp(url)) throw new PlaceFailure(`${url.protocol} is not supported, only http: and https:`)
  const known = unreachable.get(url.origin)
  if (known !== undefined) throw new PlaceFailure(known)
  const resumed = (await sizeOf(part)) > 0
  const transfer: Transfer = { url, part, options, validator: undefined }
  let best = await sizeOf(part)
  for (let tries = 1; ; tries += 1) {
    try {
      await attempt(transfer)
      return { resumed }
    } catch (error) {
      options.signal?.throwIfAborted()
      if (isUnreachable(error)) unreachable.set(url.origin, explain(error, url))
      if (error instanceof PlaceFailure || isLocal(error)) throw error
      if (!isPassing(error)) throw new PlaceFailure(explain(error, url))
      const size = await sizeOf(part)
      if (size >= best + WORTHWHILE) tries = 1
      best = Math.max(best, size)
      if (tries >= TRIES) throw new PlaceFailure(`${explain(error, url)} (tried ${TRIES} times)`)
      const wait = (options.retryMilliseconds ?? 1000) * 2 ** (tries - 1)
      await sleep(wait, undefined, options.signal ? { signal: options.signal } : {})
    }
  }
}

interface Transfer {
  url: URL
  part: string
  options: DownloadOptions
  /** The entity tag or date of the body that the part holds the beginning of. */
  validator: string | undefined
}

async function attempt(transfer: Transfer): Promise<void> {
  const { url, part, options } = transfer
  let offset = await sizeOf(part)
  if (options.size !== undefined && offset > options.size) offset = await startOver(part)
  if (options.size !== undefined && offset === options.size) return
  const answer = await get(url, {
    headers: rangeHeaders(offset, transfer.validator),
    signal: options.signal,
    stallMilliseconds: options.stallMilliseconds ?? 30_000,
  })
  const range = contentRange(answer)
  if (answer.status === 206 && range?.start === offset) return receive(answer, transfer, offset, range.total)
  if (answer.status === 200) {
    await startOver(part)
    transfer.validator = strongValidator(answer)
    return receive(answer, transfer, 0, contentLength(answer))
  }
  discard(answer.body)
  if (answer.status === 416 && offset > 0 && range?.total === offset) return
  if (answer.status === 416 || answer.status === 206) {
    // The part is not a beginning of what the server has now.
    await startOver(part)
    transfer.validator = undefined
    if (offset > 0) return attempt(transfer)
  }
  throw statusFailure(answer.status)
}

/** Writes the body behind offset and checks that all of it came. */
async function receive(
  answer: Answer,
  { part, options }: Transfer,
  offset: number,
  announced: number | undefined,
): Promise<void> {
  const total = announced ?? options.size
  let done = offset
  const count = new Transform({
    transform(piece: Buffer, _encoding, pass) {
      done += piece.length
      if (options.size !== undefined && done > options.size)
        return pass(new PlaceFailure(`more than the ${options.size} bytes that the recipe says`))
      options.onProgress?.(done, total)
      pass(null, piece)
    },
  })
  await pipeline(answer.body, count, createWriteStream(part, { flags: 'a' }))
  if (total !== undefined && done < total)
    throw new PassingFailure(`the body ended after ${done} of ${total} bytes`)
}

async function startOver(part: string): Promise<0> {
  await truncate(part, 0)
  return 0
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

/** If-Range makes a server whose file has changed send it whole; bytes of an earlier process have no validator. */
function rangeHeaders(offset: number, validator: string | undefined): Record<string, string> {
  if (offset === 0) return {}
  const range = { range: `bytes=${offset}-` }
  return validator === undefined ? range : { ...range, 'if-range': validator }
}

function strongValidator(answer: Answer): string | undefined {
  const tag = answer.header('etag')
  return tag?.startsWith('"') ? tag : answer.header('last-modified')
}

function contentLength(answer: Answer): number | undefined {
  const length = answer.header('content-length')
  return length === undefined ? undefined : Number(length)
}

// Content-Range of a 206 ("bytes 5-9/10") or of a 416 ("bytes */10").
function contentRange(answer: Answer): { start: number; total: number | undefined } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(answer.header('content-range') ?? '')
  if (!match) return undefined
  return { start: Number(match[1] ?? -1), total: match[2] === '*' ? undefined : Number(match[2]) }
}
