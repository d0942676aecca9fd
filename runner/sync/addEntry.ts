/** What was found below a root becomes an entry of the scan, with its key. */
import { BuildStackError } from '../errors.ts'
import type { Entry, FileSource, Scan } from './entry.ts'
import { keyOf, keyProblem } from './keys.ts'
import type { Profile, Root } from './profile.ts'

export type Found = Pick<Entry, 'type' | 'size' | 'mtime' | 'mode' | 'target'>

/** Folders have no object of their own when they are like this one and have something in them. */
export const ORDINARY_FOLDER = 0o755

/** What restore has beside files until they are whole, here and on hosts. */
const ON_ITS_WAY = /(^|\/)\.build-stack-(restore(\/|$)|[0-9a-f]{16}\.part$)/

export interface Place {
  profile: Profile
  root: Root
  source: FileSource
}

/** `path` is below the root. @throws CONFIG for two files with one key. */
export function addEntry(scan: Scan, { profile, root, source }: Place, path: string, found: Found): void {
  const key = keyOf(profile, root, path, found.type === 'folder')
  const here = path ? `${root.path}/${path}` : root.path
  if (ON_ITS_WAY.test(path)) {
    scan.passedOver.push({ path: shownPath({ path: here, source }), reason: 'a restore has not ended' })
    return
  }
  const problem = keyProblem(key, profile.prefix)
  if (problem !== undefined) {
    scan.problems.push({ path: shownPath({ path: here, source }), reason: problem })
    return
  }
  const there = scan.entries.get(key)
  // The same file by two roots, one in the other, is one file.
  if (there && there.path === here && there.source === source) return
  const entry: Entry = { key, path: here, source, ...found }
  if (there && found.type !== 'folder') throw collision(key, there, entry)
  scan.entries.set(key, entry)
}

/** What is below cannot be looked at: nothing is removed there. */
export function addUnread(scan: Scan, { profile, root }: Place, path: string): void {
  const key = keyOf(profile, root, path, false)
  scan.unread.push(key, path === '' && profile.relativePaths ? key : `${key}/`)
}

/** For messages: "server2:/opt/local/x" on a host. */
export function shownPath({
  path,
  source: { host },
}: {
  path: string
  source: { host?: string | undefined }
}): string {
  return host === undefined ? path : `${host}:${path}`
}

/** Two files that would be one object. */
export function collision(key: string, one: Entry, other: Entry): BuildStackError {
  return new BuildStackError(
    'CONFIG',
    `${shownPath(one)} and ${shownPath(other)} have the same key "${key}"`,
    {
      next: 'Leave one of the roots out, or give it a profile with another "prefix". Nothing was changed.',
    },
  )
}

export function rootProblem(path: string, reason: string): BuildStackError {
  return new BuildStackError('CONFIG', `the root ${path} cannot be used: ${reason}`, {
    next: 'Correct "roots" of the profile. Nothing was changed.',
  })
}
