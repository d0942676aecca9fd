/** The lines of a list of installed files, as tree.sh writes them: type, mode, size, sha256, path. */

export interface ListedFile {
  type: 'file' | 'link' | 'folder'
  /** As ls shows it: "-rwxr-xr-x"; a folder's is octal: "0755". */
  mode: string
  /** Bytes; undefined for a folder. */
  size: number | undefined
  /** Of a file whose content was read. */
  sha256: string | undefined
  /** Relative to the prefix. */
  path: string
  /** Of a link. */
  target: string | undefined
}

const TYPES = { f: 'file', l: 'link', d: 'folder' } as const

/** Undefined for what is no such line. */
export function parseListLine(line: string): ListedFile | undefined {
  const [, letter, mode, size, sha256, rest] = /^([fld]) (\S+) (\S+) (\S+) (.+)$/.exec(line) ?? []
  if (mode === undefined || rest === undefined) return undefined
  const type = TYPES[letter as keyof typeof TYPES]
  const arrow = type === 'link' ? arrowAt(rest, Number(size)) : -1
  return {
    type,
    mode,
    size: size === '-' ? undefined : Number(size),
    sha256: sha256 === '-' ? undefined : sha256,
    path: arrow < 0 ? rest : rest.slice(0, arrow),
    target: arrow < 0 ? undefined : rest.slice(arrow + ARROW.length),
  }
}

const ARROW = ' -> '

/** The size of a link is the length of its target in bytes; where it is none, the first arrow is taken. */
function arrowAt(rest: string, targetBytes: number): number {
  const bytes = Buffer.from(rest)
  const at = bytes.length - targetBytes - ARROW.length
  const measured = bytes.subarray(0, Math.max(0, at)).toString().length
  return at > 0 && rest.startsWith(ARROW, measured) ? measured : rest.indexOf(ARROW)
}

/** Permissions as chmod takes them: "755", "4755", "0755" -> "755". Another text is given back as it is. */
export function octalMode(mode: string): string {
  if (/^[0-7]+$/.test(mode)) return mode.replace(/^0(?=\d{3})/, '')
  const letters = /^.([r-])([w-])([xsS-])([r-])([w-])([xsS-])([r-])([w-])([xtT-])/.exec(mode)?.slice(1)
  if (!letters) return mode
  const digits = [0, 3, 6].map((at) => {
    const [read, write, run] = letters.slice(at, at + 3) as [string, string, string]
    return Number(read === 'r') * 4 + Number(write === 'w') * 2 + Number(/[xst]/.test(run))
  })
  const special = [2, 5, 8].reduce(
    (sum, at, index) => sum + (/[sStT]/.test(letters[at] ?? '') ? 4 >> index : 0),
    0,
  )
  return `${special || ''}${digits.join('')}`
}
