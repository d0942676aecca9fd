/**
 * From the machine's own package sources to the ones for Debian's source packages: the same places, asked for source
 * packages, without third parties' entries. No effects; aptState.ts reads the files and uses the result.
 */

export interface AptFile {
  /** Base name, ending in .list (a line an entry) or .sources (a paragraph an entry). */
  name: string
  text: string
}

/** Suites that are named for their age, not for a release. */
const AGES = ['oldoldstable', 'oldstable', 'stable', 'testing', 'unstable', 'sid', 'experimental']
const POCKETS = /^(-updates|-security|-proposed-updates|-backports|-backports-sloppy|\/updates)?$/

/**
 * The files to give to apt; empty ones are left out. codename is VERSION_CODENAME of /etc/os-release. With a suite, the
 * entries of the release itself, without its pockets, are those of that suite instead.
 */
export function sourceEntries(files: AptFile[], codename: string | undefined, suite?: string): AptFile[] {
  const releases = codename === undefined ? AGES : [codename, ...AGES]
  const pockets = suite === undefined ? POCKETS : /^$/
  const wanted = (name: string) =>
    releases.some((release) => name.startsWith(release) && pockets.test(name.slice(release.length)))
  const select = (names: string[]) => {
    const selected = names.filter(wanted)
    return suite === undefined || selected.length === 0 ? selected : [suite]
  }
  // Once is enough, or apt complains: most machines have a deb and a deb-src line for the same place.
  const seen = new Set<string>()
  const fresh = (entry: string) => !seen.has(entry) && Boolean(seen.add(entry))
  return files
    .map(({ name, text }) => {
      const entries = name.endsWith('.sources') ? paragraphs(text, select) : lines(text, select)
      const separator = name.endsWith('.sources') ? '\n\n' : '\n'
      return { name, text: entries.filter(fresh).join(separator) }
    })
    .filter(({ text }) => text !== '')
    .map(({ name, text }) => ({ name, text: `${text}\n` }))
}

/** Of the suites of an entry, those to ask. */
type Select = (suites: string[]) => string[]

/** `deb [options] uri suite component…`, one a line. */
function lines(text: string, select: Select): string[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb(?:-src)?\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line)
    if (!match) return []
    const [, options = '', uri = '', named = '', rest = ''] = match
    const [suite] = select([named])
    const components = rest.trim().split(/\s+/)
    if (uri.startsWith('cdrom:') || suite === undefined || !components.includes('main')) return []
    return [`deb-src ${options}${uri} ${suite} ${components.join(' ')}`]
  })
}

/** The deb822 format: `Name: value` with continuation lines, an empty line between entries. */
function paragraphs(text: string, select: Select): string[] {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/)
    .flatMap((paragraph) => {
      const fields = readFields(paragraph)
      const words = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter(Boolean)
      const suites = select(words('suites'))
      const uris = words('uris').filter((uri) => !uri.startsWith('cdrom:'))
      const enabled = !['no', 'false', '0', 'off'].includes((fields.get('enabled') ?? 'yes').toLowerCase())
      if (!enabled || suites.length === 0 || uris.length === 0 || !words('components').includes('main'))
        return []
      fields.set('types', 'deb-src').set('suites', suites.join(' ')).set('uris', uris.join(' '))
      return [[...fields].map(([name, value]) => `${name}: ${value}`.replace(': \n', ':\n')).join('\n')]
    })
}

/** Fields of one paragraph; names in lower case (apt does not tell them apart), continuation lines kept. */
export function readFields(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of paragraph.split('\n')) {
    const match = /^([^\s:]+):\s*(.*)$/.exec(line)
    if (match) {
      last = (match[1] ?? '').toLowerCase()
      fields.set(last, (match[2] ?? '').trimEnd())
    } else if (last !== undefined && /^\s/.test(line)) {
      fields.set(last, `${fields.get(last)}\n${line}`)
    }
  }
  return fields
}
