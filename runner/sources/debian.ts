/** The upstream archive that Debian's source package holds, by the ordinary `apt-get source --download-only`. */
import { constants } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { type AptState, aptState, lastComplaint } from './aptState.ts'
import { sha256OfFile } from './checksum.ts'
import { PlaceFailure, type Wanted } from './source.ts'
import { chooseVersion, readSourcePackages } from './sourcePackages.ts'

export interface DebianOptions {
  /** Folder of the private apt state; on the file system of the part. */
  folder: string
  /** A release other than this machine's own. */
  suite?: string | undefined
  signal?: AbortSignal | undefined
  /** Where the machine's configuration lies; /etc but in tests. */
  etc?: string
}

const HOUR = 3_600_000

/**
 * Writes the archive to part, unverified; resolves to the package and version it came with. Rejects with PlaceFailure
 * when there is no apt here, or Debian does not have that very file.
 */
export async function fetchFromDebian(
  name: string,
  wanted: Wanted,
  part: string,
  { folder, suite, signal, etc }: DebianOptions,
): Promise<{ version: string }> {
  const state = await available(() => aptState(folder, { suite, signal, etc }))
  try {
    return await fetchWith(state, name, wanted, part, folder)
  } catch (error) {
    signal?.throwIfAborted()
    // A newer version may have taken the place of the listed one since the lists were fetched.
    if (!(error instanceof PlaceFailure) || Date.now() - state.fetched < HOUR) throw error
    const newer = await aptState(folder, { suite, signal, etc, maxAge: HOUR })
    if (newer.fetched === state.fetched) throw error
    return fetchWith(newer, name, wanted, part, folder)
  }
}

async function fetchWith(
  { apt }: AptState,
  name: string,
  wanted: Wanted,
  part: string,
  folder: string,
): Promise<{ version: string }> {
  const listed = await apt(['apt-cache', 'showsrc', name])
  const choice = chooseVersion(readSourcePackages(listed.stdout), wanted)
  if ('reason' in choice) throw new PlaceFailure(choice.reason, choice.received)
  let reason = ''
  for (const { name: source, version } of choice.candidates) {
    const asked = `${source}=${version}`
    const complaint = await downloadTo(part, apt, asked, wanted, folder)
    if (complaint === undefined) return { version }
    reason = `apt-get source ${asked}: ${complaint}`
  }
  throw new PlaceFailure(reason)
}

/** Resolves to apt's complaint when it did not work. */
async function downloadTo(
  part: string,
  apt: AptState['apt'],
  asked: string,
  wanted: Wanted,
  folder: string,
): Promise<string | undefined> {
  const into = await mkdtemp(join(folder, 'download-'))
  try {
    const argv = ['apt-get', 'source', '--download-only', '--tar-only', '--only-source', asked]
    const result = await apt(argv, into)
    const path = join(into, wanted.file)
    // A mirror that lacks the package's other files may still have given this one.
    if (result.code !== 0 && !(await holds(path, wanted.sha256))) return lastComplaint(result)
    // apt gives a link, not a copy, for a mirror that is a folder of this machine.
    await copyFile(path, part, constants.COPYFILE_FICLONE)
    return undefined
  } finally {
    await rm(into, { recursive: true, force: true })
  }
}

function holds(path: string, sha256: string): Promise<boolean> {
  return sha256OfFile(path).then(
    (found) => found.sha256 === sha256,
    () => false,
  )
}

/** A machine without apt lacks nothing that a user should install: this place is just none of its. */
async function available(use: () => Promise<AptState>): Promise<AptState> {
  try {
    return await use()
  } catch (error) {
    if (error instanceof BuildStackError && error.code === 'PREREQUISITE')
      throw new PlaceFailure('this machine has no apt-get')
    throw error
  }
}
