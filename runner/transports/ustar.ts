/**
 * Headers of plain ustar archives, which every tar reads, Solaris' own of 1990 too: no pax records, no GNU
 * names. What does not fit is an error here and not an extension that such a tar would unpack as a file.
 */
import { Header } from 'tar/header'
import { BuildStackError } from '../errors.ts'

const BLOCK = 512
const RECORD = 20 * BLOCK
/** 11 octal digits. */
const LARGEST_FILE = 0o77777777777

export interface UstarMember {
  /** Relative, with slashes. */
  path: string
  /** Permission bits. */
  mode: number
  /** Bytes. */
  size: number
}

/** The 512 bytes before a file. CONFIG for a path that leads outside or does not fit (255 bytes at most). */
export function ustarHeader({ path, mode, size }: UstarMember, modified: Date): Buffer {
  checkInside(path)
  if (size > LARGEST_FILE) {
    throw new BuildStackError('CONFIG', `${path} is larger than a tar archive can hold (8 GiB)`)
  }
  const mtime = new Date(Math.floor(modified.getTime() / 1000) * 1000)
  const header = new Header({ path, mode: mode & 0o7777, size, mtime, uid: 0, gid: 0, type: 'File' })
  header.encode()
  const block = header.block as Buffer
  // The library writes what fits of a long name; what it wrote is what counts.
  const written = new Header(block).path?.replace(/^\.\//, '')
  if (written !== path) {
    const limits = '255 bytes, and 100 after the last slash that fits'
    throw new BuildStackError('CONFIG', `the name ${path} is too long for a tar archive (${limits})`)
  }
  return block
}

function checkInside(path: string): void {
  const parts = path.split('/')
  const inside = parts.every((part) => part !== '' && part !== '.' && part !== '..') && !path.includes('\0')
  if (inside) return
  throw new BuildStackError('CONFIG', `${JSON.stringify(path)} is not a relative path that stays inside`)
}

/** Zeros from the end of a file to the next block. */
export function ustarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)
}

/** Bytes of a file in the archive: header, content, padding. */
export function ustarMemberSize(size: number): number {
  return BLOCK + Math.ceil(size / BLOCK) * BLOCK
}

/**
 * The end of an archive after so many bytes of members: two empty blocks, and more up to a whole record of
 * twenty blocks, which is what tar reads; so that it leaves nothing of it to the command that follows.
 */
export function ustarEnd(bytes: number): Buffer {
  const least = bytes + 2 * BLOCK
  return Buffer.alloc(Math.ceil(least / RECORD) * RECORD - bytes)
}
