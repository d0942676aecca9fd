/** What the dry runs of several hosts share: earlier runs, and what is in the packages of this machine. */
import type { ControllerStore } from '../packages/controllerStore.ts'
import { filesOfArchive } from '../plan/fileForecast.ts'
import { everyInventory, type HostInventory } from './inventory.ts'

/** Of a package's tree: its files, and their bytes where they are known. */
export interface ArchiveTree {
  files: string[]
  bytes: number | undefined
}

/** Each is read once, when the first host needs it. */
export class PreviewSources {
  readonly #store: ControllerStore
  #inventories: Promise<HostInventory[]> | undefined
  readonly #archives = new Map<string, Promise<ArchiveTree | undefined>>()

  constructor(store: ControllerStore) {
    this.#store = store
  }

  inventories(): Promise<readonly HostInventory[]> {
    this.#inventories ??= everyInventory()
    return this.#inventories
  }

  /** Undefined for a package that this machine does not have. */
  archive(name: string): Promise<ArchiveTree | undefined> {
    const known = this.#archives.get(name) ?? readArchive(name, this.#store)
    this.#archives.set(name, known)
    return known
  }
}

async function readArchive(name: string, store: ControllerStore): Promise<ArchiveTree | undefined> {
  const stored = await store.get(name)
  if (!stored) return undefined
  const { checkArchive } = await import('../sources/archive.ts')
  const members: { path: string; size: number }[] = []
  await checkArchive(stored.path, undefined, ({ path, size }) => members.push({ path, size }))
  const bytes = members.reduce((sum, { size }) => sum + size, 0)
  return { files: filesOfArchive(members.map(({ path }) => path)), bytes }
}
