/** Many files to a host in one tar stream over one command: neither SFTP nor a round trip for each. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { BuildStackError } from '../errors.ts'
import type { ExecOptions, ExecResult, Transport } from './transport.ts'
import { ustarEnd, ustarHeader, ustarMemberSize, ustarPadding } from './ustar.ts'

export interface UploadEntry {
  /** Where it goes, relative to where the host unpacks. */
  path: string
  /** Permission bits. */
  mode: number
  /** `size` in bytes; a file that has another size by the time it is sent is an error. */
  content: Buffer | { file: string; size: number }
}

export interface UploadOptions extends Omit<ExecOptions, 'stdin'> {
  onProgress?: (sent: number, total: number) => void
}

/** Large pieces: each costs a turn of the event loop on this side and a packet's header on the wire. */
const PIECE = 1024 * 1024

/**
 * Runs a command that unpacks its standard input (`cd FOLDER && tar xof -`) and streams the entries to it.
 * Progress is in bytes of content handed to the connection. Resolves with the command's result, whatever it
 * is; rejects as exec does, with CONFIG for a path that is no name below the folder (before anything is
 * sent), and with SOURCE for a file that cannot be read or changed meanwhile.
 */
export async function uploadStream(
  transport: Transport,
  entries: UploadEntry[],
  remoteCommand: string,
  options: UploadOptions = {},
): Promise<ExecResult> {
  const now = new Date()
  const headers = entries.map((entry) =>
    ustarHeader({ path: entry.path, mode: entry.mode, size: sizeOf(entry) }, now),
  )
  const { onProgress = () => {}, ...rest } = options
  const stdin = Readable.from(gathered(archive(entries, headers, onProgress)), {
    objectMode: false,
    highWaterMark: 2 * PIECE,
  })
  return transport.exec(remoteCommand, { ...rest, stdin })
}

function sizeOf({ content }: UploadEntry): number {
  return Buffer.isBuffer(content) ? content.length : content.size
}

async function* archive(
  entries: UploadEntry[],
  headers: Buffer[],
  onProgress: (sent: number, total: number) => void,
): AsyncGenerator<Buffer> {
  const total = entries.reduce((sum, entry) => sum + sizeOf(entry), 0)
  let sent = 0
  for (const [index, { content }] of entries.entries()) {
    const header = headers[index] as Buffer
    if (Buffer.isBuffer(content)) {
      yield Buffer.concat([header, content, ustarPadding(content.length)])
      sent += content.length
      onProgress(sent, total)
      continue
    }
    yield header
    for await (const piece of filePieces(content)) {
      yield piece
      sent += piece.length
      onProgress(sent, total)
    }
    yield ustarPadding(content.size)
  }
  yield ustarEnd(entries.reduce((sum, entry) => sum + ustarMemberSize(sizeOf(entry)), 0))
}

/** Small pieces together: a packet for each of a thousand files takes longer than what is in them. */
async function* gathered(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = []
  let bytes = 0
  for await (const piece of pieces) {
    if (waiting.length > 0 && bytes + piece.length > PIECE) {
      yield joined(waiting)
      waiting = []
      bytes = 0
    }
    waiting.push(piece)
    bytes += piece.length
  }
  if (waiting.length > 0) yield joined(waiting)
}

/** A large one is not copied. */
function joined(pieces: Buffer[]): Buffer {
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
}

async function* filePieces({ file, size }: { file: string; size: number }): AsyncGenerator<Buffer> {
  let read = 0
  try {
    for await (const piece of createReadStream(file, { highWaterMark: PIECE }) as AsyncIterable<Buffer>) {
      read += piece.length
      if (read > size) break
      yield piece
    }
  } catch (cause) {
    const message = `${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`
    throw new BuildStackError('SOURCE', message, { next: `Check it with: ls -l ${file}`, cause })
  }
  if (read === size) return
  const message = `${file} changed while it was sent: it had ${size} bytes`
  throw new BuildStackError('SOURCE', message, { next: 'Run it again when the file is complete' })
}
