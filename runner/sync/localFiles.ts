/** Files of this machine: found below a root, and read. */
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs'
import { addEntry, addUnread, type Found, ORDINARY_FOLDER, type Place, rootProblem } from './addEntry.ts'
import type { FileSource, OpenFile, Scan } from './entry.ts'
import { keyOf } from './keys.ts'
import type { Profile, Root } from './profile.ts'
import { systemReason } from './systemReason.ts'

/**
 * Adds what a root has to the scan. Synchronous: a call of its own for each file costs less than a wait for it.
 * @throws CONFIG for a root that is not a folder.
 */
export function scanLocal(profile: Profile, root: Root, scan: Scan): void {
  const top = root.path || '/'
  const stat = attempt(() => statSync(top))
  if (stat instanceof Error) throw rootProblem(top, systemReason(stat))
  if (!stat.isDirectory()) throw rootProblem(top, 'it is not a folder')
  new Walk(profile, root, scan).folder('', stat, new Set([`${stat.dev}:${stat.ino}`]))
}

class Walk {
  readonly #profile: Profile
  readonly #root: Root
  readonly #scan: Scan
  readonly #place: Place

  constructor(profile: Profile, root: Root, scan: Scan) {
    this.#profile = profile
    this.#root = root
    this.#scan = scan
    this.#place = { profile, root, source: localFiles }
  }

  /** `path` is below the root; `above` has the folders that lead here, for links that lead back. */
  folder(path: string, stat: Stats, above: ReadonlySet<string>): void {
    const here = this.#at(path)
    const names = attempt(() => namesIn(here || '/'))
    if (names instanceof Error) {
      this.#problem(path, systemReason(names), true)
      return
    }
    for (const name of names.odd) {
      this.#scan.problems.push({ path: `${here}/${name}`, reason: 'its name is not UTF-8' })
    }
    let count = names.odd.length
    for (const name of names.plain) if (this.#one(path ? `${path}/${name}` : name, above)) count += 1
    const mode = stat.mode & 0o7777
    if (path === '' || !this.#profile.folders || (count > 0 && mode === ORDINARY_FOLDER)) return
    this.#add(path, { type: 'folder', size: 0, mtime: 0, mode })
  }

  /** Whether it is there as far as the profile goes. */
  #one(path: string, above: ReadonlySet<string>): boolean {
    const here = this.#at(path)
    const link = attempt(() => lstatSync(here))
    if (link instanceof Error) {
      // Gone since its folder was read: then it is not there.
      if ((link as NodeJS.ErrnoException).code === 'ENOENT') return false
      this.#problem(path, systemReason(link), true)
      return true
    }
    const asked = link.isDirectory() ? `${here}/` : here
    if (this.#profile.ignore.some((pattern) => pattern.test(asked))) return false
    if (link.isSymbolicLink() && this.#profile.links !== 'follow') return this.#link(path, link)
    const stat = link.isSymbolicLink() ? attempt(() => statSync(here)) : link
    if (stat instanceof Error) {
      this.#problem(path, `it leads nowhere (${systemReason(stat)})`, false)
      return true
    }
    if (stat.isDirectory()) {
      const id = `${stat.dev}:${stat.ino}`
      if (above.has(id)) {
        this.#problem(path, 'it leads back to a folder that it is in', false)
        return true
      }
      this.folder(path, stat, new Set([...above, id]))
      return true
    }
    if (!stat.isFile()) {
      this.#scan.passedOver.push({ path: here, reason: kindOf(stat) })
      return false
    }
    this.#add(path, { type: 'file', size: stat.size, mtime: microseconds(stat), mode: stat.mode & 0o7777 })
    return true
  }

  #link(path: string, stat: Stats): boolean {
    if (this.#profile.links === 'skip') return false
    const target = attempt(() => readlinkSync(this.#at(path)))
    if (target instanceof Error) {
      this.#problem(path, systemReason(target), false)
      return true
    }
    const size = Buffer.byteLength(target)
    this.#add(path, { type: 'link', size, mtime: microseconds(stat), mode: 0, target })
    return true
  }

  #add(path: string, found: Found): void {
    addEntry(this.#scan, this.#place, path, found)
  }

  #problem(path: string, reason: string, below: boolean): void {
    this.#scan.problems.push({ path: this.#at(path) || '/', reason })
    if (below) addUnread(this.#scan, this.#place, path)
    else this.#scan.unread.push(keyOf(this.#profile, this.#root, path, false))
  }

  #at(path: string): string {
    return path ? `${this.#root.path}/${path}` : this.#root.path
  }
}

/** Names that are not UTF-8 would be other names in a key: they are shown, and not used. */
function namesIn(folder: string): { plain: string[]; odd: string[] } {
  const names = readdirSync(folder)
  if (!names.some((name) => name.includes('\ufffd'))) return { plain: names, odd: [] }
  const exact = new Set(readdirSync(folder, { encoding: 'buffer' }).map((name) => name.toString('latin1')))
  const fits = (name: string) => exact.has(Buffer.from(name).toString('latin1'))
  return { plain: names.filter(fits), odd: names.filter((name) => !fits(name)) }
}

function kindOf(stat: Stats): string {
  if (stat.isSocket()) return 'a socket'
  return stat.isFIFO() ? 'a pipe' : 'a device'
}

export function microseconds(stat: Pick<Stats, 'mtimeMs'>): number {
  return Math.round(stat.mtimeMs * 1000)
}

function attempt<T>(call: () => T): T | Error {
  try {
    return call()
  } catch (error) {
    return error as Error
  }
}

export const localFiles: FileSource = {
  async open(path): Promise<OpenFile> {
    const file = openSync(path, 'r')
    const before = fstatSync(file)
    return {
      size: before.size,
      mtime: microseconds(before),
      mode: before.mode & 0o7777,
      async read(from, length) {
        const bytes = Buffer.allocUnsafe(length)
        let done = 0
        while (done < length) {
          const count = readSync(file, bytes, done, length - done, from + done)
          if (count === 0) break
          done += count
        }
        return bytes.subarray(0, done)
      },
      async unchanged() {
        const after = fstatSync(file)
        return (
          after.size === before.size && after.mtimeMs === before.mtimeMs && after.ctimeMs === before.ctimeMs
        )
      },
      async close() {
        closeSync(file)
      },
    }
  },
}
