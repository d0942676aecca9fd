/**
 * The bytes of an archive without its compression, told by its first bytes, not by its name. gzip is node's own;
 * bzip2 and xz are this machine's programs. Called by archive.ts.
 */
import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BuildStackError } from '../errors.ts'

/** The compressed data are damaged or cut off. */
export class CompressionFault extends Error {}

const PROGRAMS = [
  { program: 'bzip2', package: 'bzip2', magic: Buffer.from('BZh') },
  { program: 'xz', package: 'xz-utils', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) },
]

/** Throws CompressionFault, PREREQUISITE when the program is missing, and as fs does. */
export async function* decompressed(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const start = await firstBytes(path, 6)
  const outside = PROGRAMS.find(({ magic }) => start.subarray(0, magic.length).equals(magic))
  if (outside) yield* throughProgram(outside.program, outside.package, path, signal)
  else if (start[0] === 0x1f && start[1] === 0x8b) yield* gunzipped(path, signal)
  else yield* createReadStream(path, withSignal(signal)) as AsyncIterable<Buffer>
}

async function* gunzipped(path: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  try {
    // The pipeline hands an error of the file on to the last stream, where the loop meets it.
    const last = pipeline(createReadStream(path, withSignal(signal)), createGunzip(), () => undefined)
    yield* last as AsyncIterable<Buffer>
  } catch (error) {
    if (String((error as NodeJS.ErrnoException).code).startsWith('Z_'))
      throw new CompressionFault(`gzip: ${(error as Error).message}`)
    throw error
  }
}

/** Not through local.ts: its zx would keep the whole archive in memory. */
async function* throughProgram(
  program: string,
  packageName: string,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const file = await open(path)
  const child = spawn(program, ['-dc'], { stdio: [file.fd, 'pipe', 'pipe'], ...withSignal(signal) })
  let complaint = ''
  child.stderr?.on('data', (piece: Buffer) => {
    if (complaint.length < 1000) complaint += piece
  })
  const ended = new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done))
  ended.catch(() => undefined)
  try {
    if (child.stdout) yield* child.stdout as AsyncIterable<Buffer>
    const code = await ended
    if (code !== 0)
      throw new CompressionFault(complaint.trim().split('\n')[0] || `${program}: exit status ${code}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new BuildStackError('PREREQUISITE', `${program} is not installed on this machine`, {
      next: `install it: sudo apt-get install ${packageName}`,
      cause: error,
    })
  } finally {
    child.kill()
    await file.close()
  }
}

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function withSignal(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {}
}
