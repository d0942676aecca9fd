/** What ls prints of a host's files, as values. Pure. */

export interface HostFile {
  /** As listed: "./a/b", or "." for the folder itself. */
  path: string
  type: 'file' | 'link' | 'folder' | 'other'
  /** Bytes; of a link, those of its text. */
  size: number
  /** Microseconds since 1970. */
  mtime: number
  /** Permissions. */
  mode: number
  target?: string
}

export interface HostListing {
  files: HostFile[]
  /** Folders that cannot be looked into. */
  closed: string[]
  /** Paths with line breaks, which are shown as "?". */
  odd: string[]
  /** Of find. */
  code: number
}

/** Undefined for a folder that cannot be listed. @throws Error for what is no whole listing. */
export function parseListing(output: Buffer): HostListing | undefined {
  const lines = output.toString('latin1').split('\n')
  if (lines[0] === 'none') return undefined
  const end = /^end\t(\d+)$/.exec(lines.at(-2) ?? '')
  if (!end) throw new Error('the list has no end')
  const listing: HostListing = { files: [], closed: [], odd: [], code: Number(end[1]) }
  for (const line of lines.slice(0, -2)) {
    const [word, path] = line.split('\t', 2)
    if (path !== undefined && word === 'closed') listing.closed.push(path)
    else if (path !== undefined && word === 'odd') listing.odd.push(path)
    else {
      const file = parseFile(line)
      if (!file) throw new Error(`ls printed: ${line}`)
      listing.files.push(file)
    }
  }
  return listing
}

// Mode, perhaps a mark of further rights; links, owner, group; size, or a device's numbers; time and zone; path.
const LINE =
  /^([-a-zA-Z])([-rwxsStTlL]{9})[^ ]? +\d+ +\S+ +\S+ +(\d+|\d+, *\d+) +(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))? ([+-]\d\d)(\d\d) (.*)$/

/** Names are bytes, one a letter. Undefined for what is no line of ls. */
export function parseFile(line: string): HostFile | undefined {
  const [, kind, letters = '', bytes = '', day, time, fraction = '', hours, minutes, rest = ''] =
    LINE.exec(line) ?? []
  if (kind === undefined) return undefined
  const seconds = Date.parse(`${day}T${time}${hours}:${minutes}`) / 1000
  const mtime = seconds * 1e6 + Number(fraction.slice(0, 6).padEnd(6, '0'))
  const size = Number(bytes)
  if (Number.isNaN(mtime)) return undefined
  const found = { mtime, mode: modeOf(letters) }
  if (kind === 'l') {
    // The text of a link may have an arrow, too: its length tells where it begins.
    const at = rest.length - size
    const target = rest.slice(at)
    return rest.slice(at - 4, at) === ' -> '
      ? { ...found, path: rest.slice(0, at - 4), type: 'link', size, mode: 0, target }
      : undefined
  }
  if (kind === '-') return { ...found, path: rest, type: 'file', size }
  return kind === 'd'
    ? { ...found, path: rest, type: 'folder', size: 0, mtime: 0 }
    : { ...found, path: rest, type: 'other', size: 0 }
}

function modeOf(letters: string): number {
  const [owner = '', group = '', others = ''] = letters.match(/.../g) ?? []
  const digit = (three: string) =>
    (three[0] === 'r' ? 4 : 0) + (three[1] === 'w' ? 2 : 0) + (/[xst]/.test(three[2] ?? '') ? 1 : 0)
  const special = (three: string, value: number) => (/[sStTlL]/.test(three[2] ?? '') ? value : 0)
  return (
    (special(owner, 4) + special(group, 2) + special(others, 1)) * 0o1000 +
    digit(owner) * 0o100 +
    digit(group) * 0o10 +
    digit(others)
  )
}

/** A name as text; undefined for bytes that are not UTF-8. */
export function asText(bytes: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'))
  } catch {
    return undefined
  }
}
