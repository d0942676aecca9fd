/**
 * The packages of this machine and, behind them, those of the store: what one controller had built, another one installs. In the
 * bucket a package is packages/NAME.json and, by its content, packages/NAME/SHA256.tar.gz: of two controllers that put the
 * same one at once, the later entry counts, and its archive is there.
 */
import { text } from 'node:stream/consumers'
import { ControllerStore, type FoundPackage, type StoredPackage } from '../packages/controllerStore.ts'
import type { PackageInfo } from '../packages/package.ts'
import { entryText, type PackageEntry, readEntry } from './packageEntry.ts'
import { type SharedBucket, saved } from './sharedBucket.ts'

export class SharedPackages extends ControllerStore {
  readonly #bucket: SharedBucket
  /** Secret that the controllers share. */
  readonly #key: string | undefined
  /** Several hosts of a run ask for the same ones. */
  readonly #entries = new Map<string, Promise<PackageEntry | undefined>>()
  readonly #arrivals = new Map<string, Promise<StoredPackage | undefined>>()

  constructor(folder: string, bucket: SharedBucket, key: string | undefined) {
    super(folder)
    this.#bucket = bucket
    this.#key = key
  }

  override async find(name: string): Promise<FoundPackage | undefined> {
    const here = await super.find(name)
    if (here) return here
    const entry = await this.#entry(name)
    return entry && { info: entry.info, at: 'store' }
  }

  override async get(name: string): Promise<StoredPackage | undefined> {
    const here = await super.get(name)
    if (!here) return this.#arrived(name)
    // From before there was a store, or from a run that could not reach it.
    if (!(await this.#entry(name))) this.#share(here)
    return here
  }

  override async put(name: string, incoming: string, sha256: string, info: PackageInfo): Promise<boolean> {
    if (!(await super.put(name, incoming, sha256, info))) return false
    const stored = await super.get(name)
    if (stored) this.#share(stored)
    return true
  }

  /** The archive first: with the entry the package is there. */
  #share(stored: StoredPackage): void {
    const { name, path, sha256 } = stored
    this.#bucket.write(archiveKey(name, sha256), { path })
    this.#bucket.write(entryKey(name), Buffer.from(entryText(name, stored, this.#key)))
    this.#entries.set(name, Promise.resolve(stored))
  }

  #entry(name: string): Promise<PackageEntry | undefined> {
    const known = this.#entries.get(name) ?? this.#lookUp(name)
    this.#entries.set(name, known)
    return known
  }

  async #lookUp(name: string): Promise<PackageEntry | undefined> {
    const said = await this.#bucket.read(entryKey(name), ({ body }) => text(body))
    if (said === undefined) return undefined
    const entry = readEntry(name, said, this.#key)
    if (!('reason' in entry)) return entry
    this.#refuse(name, entry.reason)
    return undefined
  }

  #arrived(name: string): Promise<StoredPackage | undefined> {
    const known = this.#arrivals.get(name) ?? this.#fetch(name)
    this.#arrivals.set(name, known)
    return known
  }

  async #fetch(name: string): Promise<StoredPackage | undefined> {
    const entry = await this.#entry(name)
    if (!entry) return undefined
    const { sha256, size, info } = entry
    const incoming = await this.incoming(name)
    const whole = await this.#bucket.read(archiveKey(name, sha256), (found) => saved(found, incoming, size))
    if (whole && (await super.put(name, incoming, sha256, info))) return super.get(name)
    if (whole !== undefined) this.#refuse(name, 'its archive is not what was put')
    return undefined
  }

  #refuse(name: string, reason: string): void {
    this.#bucket.note(`the package ${name} in ${this.#bucket.name} is refused: ${reason}`)
  }
}

function entryKey(name: string): string {
  return `packages/${name}.json`
}

function archiveKey(name: string, sha256: string): string {
  return `packages/${name}/${sha256}.tar.gz`
}
