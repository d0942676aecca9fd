/** Files of a host, over its SSH connection: listed by one command, and read part by part. */
import { addEntry, addUnread, ORDINARY_FOLDER, type Place, rootProblem, shownPath } from './addEntry.ts'
import type { FileSource, OpenFile, Scan } from './entry.ts'
import { FileProblem } from './fileProblem.ts'
import { asText, type HostFile, parseFile, parseListing } from './hostListing.ts'
import type { HostScripts } from './hostScripts.ts'
import type { Profile, Root } from './profile.ts'
import { SINGLE_REQUEST } from './uploads.ts'

const MB = 1024 * 1024

/** A part of a file, and what the file was before and after it was read. */
interface Piece {
  before: HostFile
  bytes: Buffer
  after: HostFile
}

export class HostFiles implements FileSource {
  readonly host: string
  readonly #scripts: HostScripts

  constructor(scripts: HostScripts) {
    this.host = scripts.host
    this.#scripts = scripts
  }

  /** Adds what a root has to the scan. @throws CONFIG for a root that is no folder, HOST for a list without its end. */
  async scan(profile: Profile, root: Root, scan: Scan): Promise<void> {
    const place: Place = { profile, root, source: this }
    const output = await this.#scripts.run('sync-list.sh', { root: root.path || '/' })
    const listing = this.#scripts.understood(output, parseListing)
    const top = shownPath({ path: root.path || '/', source: this })
    if (!listing) throw rootProblem(top, 'it is not a folder, or may not be read')
    const at = (path: string) => `${top === `${this.host}:/` ? `${this.host}:` : top}${path.slice(1)}`
    for (const path of listing.odd)
      scan.problems.push({ path: at(path), reason: 'its name has a line break' })
    for (const path of listing.closed) {
      scan.problems.push({ path: at(asText(path) ?? path), reason: 'permission denied' })
      addUnread(scan, place, (asText(path) ?? path).slice(2))
    }
    // What went while it was listed is not there; but of another fault nobody knows what it kept from the list.
    if (listing.code !== 0 && listing.closed.length === 0) {
      scan.problems.push({ path: top, reason: 'some of it could not be listed, or changed meanwhile' })
      addUnread(scan, place, '')
    }
    const open = listing.files.filter(({ path }) => !listing.closed.includes(path))
    addListed(scan, place, open, at)
  }

  async open(path: string): Promise<OpenFile> {
    const first = await this.#read(path, 0, SINGLE_REQUEST / MB)
    const { before } = first
    const isWhole = before.size <= first.bytes.length
    let { after } = first
    return {
      size: before.size,
      mtime: before.mtime,
      mode: before.mode,
      read: async (from, length) => {
        if (from + length <= first.bytes.length) return first.bytes.subarray(from, from + length)
        const skip = Math.floor(from / MB)
        const rest = from - skip * MB
        const piece = await this.#read(path, skip, Math.ceil((rest + length) / MB))
        after = piece.after
        return piece.bytes.subarray(rest, rest + length)
      },
      unchanged: async () => {
        if (!isWhole) after = (await this.#read(path, 0, 0)).after
        return (['size', 'mtime', 'mode'] as const).every((name) => after[name] === before[name])
      },
      close: async () => {},
    }
  }

  /** skip, count: in MB. @throws FileProblem for what may not be read, or is no file any more. */
  async #read(path: string, skip: number, count: number): Promise<Piece> {
    const output = await this.#scripts.run('sync-read.sh', { file: path, skip: `${skip}`, count: `${count}` })
    if (output.equals(Buffer.from('none\n'))) throw new FileProblem('it is not there any more')
    if (output.equals(Buffer.from('closed\n'))) throw new FileProblem('permission denied')
    return this.#scripts.understood(output, parsePiece)
  }
}

/** `at` gives a listed path as it is shown. */
function addListed(scan: Scan, place: Place, files: HostFile[], at: (path: string) => string): void {
  const { profile } = place
  const ignored = (path: string) =>
    profile.ignore.some((pattern) => pattern.test(`${place.root.path}/${path}`))
  const named = files.map((file) => ({ file, path: asText(file.path) }))
  for (const { file, path } of named)
    if (path === undefined) scan.problems.push({ path: at(file.path), reason: 'its name is not UTF-8' })
  const below = named.flatMap(({ file, path }) =>
    path?.startsWith('./') ? { file, path: path.slice(2) } : [],
  )
  const left = new Set(
    below
      .filter(({ file, path }) => ignored(file.type === 'folder' ? `${path}/` : path))
      .map(({ path }) => path),
  )
  const isLeft = (path: string) => left.size > 0 && foldersOf(path).some((folder) => left.has(folder))
  const kept = below.filter(({ path }) => !left.has(path) && !isLeft(path))
  const filled = new Set<string>()
  for (const { file, path } of kept) {
    if (file.type === 'link' && profile.links === 'skip') continue
    if (file.type === 'other')
      scan.passedOver.push({ path: at(`./${path}`), reason: 'a socket, pipe or device' })
    else filled.add(path.slice(0, Math.max(0, path.lastIndexOf('/'))))
  }
  for (const { file, path } of kept) {
    const { type, size, mtime, mode } = file
    if (type === 'other' || (type === 'link' && profile.links === 'skip')) continue
    if (type === 'folder' && (!profile.folders || (filled.has(path) && mode === ORDINARY_FOLDER))) continue
    const target = file.target === undefined ? undefined : asText(file.target)
    if (file.target !== undefined && target === undefined) {
      scan.problems.push({ path: at(`./${path}`), reason: 'where it leads is not UTF-8' })
      continue
    }
    addEntry(scan, place, path, { type, size, mtime, mode, ...(target === undefined ? {} : { target }) })
  }
}

function foldersOf(path: string): string[] {
  const found: string[] = []
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
    found.push(path.slice(0, at))
  return found
}

/** A line of ls, bytes, a line break, a line of ls. @throws Error for anything else. */
function parsePiece(output: Buffer): Piece {
  const head = output.indexOf('\n')
  const tail = output.lastIndexOf('\n', output.length - 2)
  const line = (from: number, to: number) => parseFile(output.subarray(from, to).toString('latin1'))
  const [before, after] = [line(0, head), line(tail + 1, output.length - 1)]
  if (!before || !after || tail <= head) throw new Error('a file came without its end')
  return { before, bytes: output.subarray(head + 1, tail), after }
}
