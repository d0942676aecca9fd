/** One object -> one file of this machine: beside its place first, verified, and then in its place. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { ObjectStore } from '../s3/objectStore.ts'
import { FileProblem } from './fileProblem.ts'
import { bytesOf, checkOf, contentOf, damaged, isRight, unpacked } from './objectBytes.ts'
import { attributesOf, type Found, partName, sizeOf } from './restoreTarget.ts'

/** Makes the folders above the path. @throws FileProblem where one of them is no folder, or a link. */
export function makeFolders(base: string, path: string): void {
  mkdirSync(base, { recursive: true })
  let here = base
  for (const name of path.split('/').slice(0, -1)) {
    here = join(here, name)
    const stat = lstatOf(here)
    if (!stat) mkdirSync(here)
    else if (stat.isSymbolicLink()) throw new FileProblem(`${here} is a link; nothing is written through it`)
    else if (!stat.isDirectory()) throw new FileProblem(`${here} is not a folder`)
  }
}

export function lstatOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

export interface RestoreFileOptions {
  store: ObjectStore
  signal: AbortSignal
  onBytes: (count: number) => void
}

/** A link, or a file with its content verified. Folders above are there. @throws FileProblem for content that is not what was put. */
export async function restoreFile(found: Found, options: RestoreFileOptions): Promise<void> {
  const { wanted, record } = found
  const path = join(wanted.base, wanted.path)
  const part = join(dirname(path), `.build-stack-${partName(found)}.part`)
  const { mode, mtime } = attributesOf(found)
  const seconds = mtime / 1e6
  if (record?.type === 'link') {
    const target = await contentOf(options.store, found, options.signal)
    rmSync(part, { force: true })
    symlinkSync(target, part)
    lutimesSync(part, seconds, seconds)
    renameSync(part, path)
    return
  }
  const file = openSync(part, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  try {
    await fill(file, found, options)
    if (record?.packed) unpack(file, record.size)
    verify(file, found)
    fchmodSync(file, mode)
    futimesSync(file, seconds, seconds)
  } catch (error) {
    if (error instanceof FileProblem) rmSync(part, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
  renameSync(part, path)
}

/** Goes on behind the bytes that are there from an earlier run. */
async function fill(
  file: number,
  found: Found,
  { store, signal, onBytes }: RestoreFileOptions,
): Promise<void> {
  let at = fstatSync(file).size
  if (at > found.head.size) throw damaged()
  for await (const piece of bytesOf(store, found, at, signal)) {
    writeSync(file, piece, 0, piece.length, at)
    at += piece.length
    onBytes(piece.length)
  }
}

function unpack(file: number, size: number): void {
  const packed = Buffer.alloc(fstatSync(file).size)
  readSync(file, packed, 0, packed.length, 0)
  const plain = unpacked(packed, size)
  ftruncateSync(file, 0)
  writeSync(file, plain, 0, plain.length, 0)
}

const PIECE = 1 << 20

function verify(file: number, found: Found): void {
  const size = sizeOf(found)
  if (fstatSync(file).size !== size) throw damaged()
  const check = checkOf(found)
  const piece = Buffer.alloc(Math.min(PIECE, size))
  for (let at = 0; check && at < size; ) {
    const count = readSync(file, piece, 0, piece.length, at)
    check.hash.update(piece.subarray(0, count))
    at += count
  }
  if (!isRight(check)) throw damaged()
}
