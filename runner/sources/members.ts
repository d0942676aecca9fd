/**
 * Whether the members of an archive stay inside the folder it is unpacked into, whichever tar unpacks it. Given one by
 * one in the archive's order. No effects; called by archive.ts.
 */

export interface Member {
  path: string
  /** As the tar package names it: File, Directory, SymbolicLink, Link, … */
  type: string
  linkpath?: string | undefined
}

/** The reason an archive is refused. */
export class MemberFault extends Error {}

export interface MemberCheck {
  /** Throws MemberFault. */
  add(member: Member): void
  /** The single top folder, or undefined when there is none. Throws MemberFault for a link that leads outside. */
  finish(): { root: string | undefined }
}

const FILES = new Set(['File', 'OldFile', 'ContiguousFile'])

export function memberCheck(): MemberCheck {
  /** What each path is; a hard link to a symbolic link is one too. */
  const seen = new Map<string, 'file' | 'hard link' | 'folder' | 'link'>()
  const targets = new Map<string, string>()
  const tops = new Set<string>()
  let deep = false

  function add({ path, type, linkpath = '' }: Member): void {
    const parts = insideParts(path)
    const name = parts.join('/')
    for (let length = 1; length < parts.length; length += 1)
      if (seen.get(parts.slice(0, length).join('/')) === 'link')
        throw new MemberFault(
          `${show(path)} would be written through the link ${show(parts.slice(0, length).join('/'))}`,
        )
    const kind = kindOf(type, path)
    const before = seen.get(name)
    if (before !== undefined && (isLink(before) || isLink(kind)))
      throw new MemberFault(`${show(path)} is there twice, once as a link`)
    if (parts[0] !== undefined) tops.add(parts[0])
    deep ||= parts.length > 1 || (parts.length === 1 && kind === 'folder')
    if (kind === 'link') targets.set(name, linkpath)
    seen.set(name, kind === 'hard link' ? hardLink(path, linkpath) : kind)
  }

  /** A hard link gives a second name to a member before it, and to nothing else. */
  function hardLink(path: string, linkpath: string): 'hard link' | 'link' {
    const target = insideParts(linkpath).join('/')
    const kind = seen.get(target)
    if (kind === undefined || kind === 'folder')
      throw new MemberFault(
        `${show(path)} is a hard link to ${show(linkpath)}, which is no file before it in the archive`,
      )
    const link = targets.get(target)
    if (link !== undefined) targets.set(insideParts(path).join('/'), link)
    return kind === 'link' ? 'link' : 'hard link'
  }

  function finish(): { root: string | undefined } {
    if (seen.size === 0) throw new MemberFault('it holds nothing')
    // Only now is it known which of the path parts are links themselves.
    for (const [name, target] of targets)
      if (leadsOutside(name, target, targets))
        throw new MemberFault(`${show(name)} is a link to ${show(target)}, outside the archive`)
    return { root: tops.size === 1 && deep ? [...tops][0] : undefined }
  }

  return { add, finish }
}

/** The parts of a member's name, without the `.` ones. */
function insideParts(path: string): string[] {
  if (path.startsWith('/')) throw new MemberFault(`${show(path)} is an absolute name`)
  // File lists hold a name a line, and a terminal obeys such characters.
  if (/\p{Cc}/u.test(path)) throw new MemberFault(`${show(path)} has a control character in its name`)
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw new MemberFault(`${show(path)} leads out of its folder by ..`)
  return parts
}

function kindOf(type: string, path: string): 'file' | 'hard link' | 'folder' | 'link' {
  if (FILES.has(type)) return 'file'
  if (type === 'Directory') return 'folder'
  if (type === 'SymbolicLink') return 'link'
  if (type === 'Link') return 'hard link'
  throw new MemberFault(`${show(path)} is neither file, folder nor link (${type})`)
}

function isLink(kind: string): boolean {
  return kind === 'link' || kind === 'hard link'
}

/** As many links as Linux follows in one name. */
const MOST_LINKS = 40

/** Follows the target part by part as the system would, links on the way included. A loop leads nowhere: not outside. */
function leadsOutside(name: string, target: string, targets: ReadonlyMap<string, string>): boolean {
  const at = name.split('/').slice(0, -1)
  const ahead = [target]
  for (let followed = 0; followed < MOST_LINKS; followed += 1) {
    const next = ahead.shift()
    if (next === undefined) return false
    if (next.startsWith('/')) return true
    const parts = next.split('/')
    for (const [index, part] of parts.entries()) {
      if (part === '' || part === '.') continue
      if (part === '..') {
        if (at.pop() === undefined) return true
        continue
      }
      const link = targets.get([...at, part].join('/'))
      if (link === undefined) {
        at.push(part)
        continue
      }
      ahead.unshift(link, parts.slice(index + 1).join('/'))
      break
    }
  }
  return false
}

/** Quoted, and short: a name may be made to fill a screen. */
function show(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name)
}
