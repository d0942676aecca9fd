/** Reads an archive through before anything unpacks it. The only file that knows the tar package. */
import { basename } from 'node:path'
import { Parser, type ReadEntry } from 'tar'
import { BuildStackError } from '../errors.ts'
import { CompressionFault, decompressed } from './decompress.ts'
import { MemberFault, memberCheck } from './members.ts'

export interface ArchiveContents {
  /** Files, folders and links. */
  entries: number
  /** The folder that holds all of them; undefined when there is none or several. */
  root: string | undefined
  /** Length of the uncompressed tar data: about what it takes on disk. */
  uncompressedBytes: number
}

/** The format is not tar's; found in the data, unlike MemberFault. */
class FormatFault extends Error {}

/**
 * .tar, .tar.gz, .tar.bz2 or .tar.xz, whatever its name. Rejects with SOURCE, saying what and where, when it is damaged,
 * cut off, or holds a member that could write outside the folder it is unpacked into; with PREREQUISITE when this
 * machine lacks bzip2 or xz; as fs does when it cannot be read.
 */
export async function checkArchive(
  path: string,
  signal?: AbortSignal,
  onMember: (member: { path: string; size: number }) => void = () => {},
): Promise<ArchiveContents> {
  const members = memberCheck()
  let entries = 0
  let bytes = 0
  let last = ''
  let ended = false
  const parser = new Parser({ strict: false, maxDecompressionRatio: Number.POSITIVE_INFINITY })
  const see = (entry: ReadEntry) => {
    members.add(entry)
    entries += 1
    last = entry.path
    onMember(entry)
    entry.resume()
  }
  parser.on('entry', see)
  // Kinds of members that the parser does not know, and headers too long to be honest.
  parser.on('ignoredEntry', see)
  parser.on('warn', (_code: string, message: string | Error) => {
    throw new FormatFault(message instanceof Error ? message.message : message)
  })
  // One block of zeros ends it; that some writers leave out the second is no cut-off.
  parser.on('nullBlock', () => {
    ended = true
  })
  try {
    for await (const piece of decompressed(path, signal)) {
      bytes += piece.length
      // What lies behind the end belongs to nobody, but is read for the compression's own checksum.
      if (!ended) parser.write(piece)
    }
    if (!ended) parser.end()
    if (!ended) throw new FormatFault('the end is missing')
    return { entries, ...members.finish(), uncompressedBytes: bytes }
  } catch (error) {
    if (error instanceof MemberFault) throw refused(path, error.message)
    if (error instanceof FormatFault || error instanceof CompressionFault) {
      if (entries === 0) throw refused(path, `no tar archive, or damaged from the start: ${error.message}`)
      throw refused(path, `${error.message} (after ${JSON.stringify(last)}, about byte ${bytes} unpacked)`)
    }
    throw error
  }
}

function refused(path: string, reason: string): BuildStackError {
  return new BuildStackError('SOURCE', `${basename(path)} is refused: ${reason}`, {
    next: `look at it (tar tvf ${path}), and give the recipe another archive of this version with its checksum`,
  })
}
