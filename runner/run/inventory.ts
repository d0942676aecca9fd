/**
 * The controller's copy of what hosts have: their receipts as last seen, and how long each step took. It is for showing
 * progress and for looking things up without a connection; the truth is on the hosts.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { cacheFolder } from '../paths.ts'
import type { Receipt } from '../receipts/receipt.ts'
import type { Expected } from './events.ts'

export interface HostInventory {
  format: 1
  host: string
  /** When the host was last seen, ISO 8601. */
  seenAt: string
  receipts: Record<string, Receipt>
  /** Of the last successful run of each recipe. */
  durations: Record<string, Expected>
}

function fileOf(host: string): string {
  return cacheFolder('inventory', `${host}.json`)
}

/** Empty for a host that was never seen, and for a file that cannot be read: it can always be made anew. */
export async function readInventory(host: string): Promise<HostInventory> {
  const empty: HostInventory = { format: 1, host, seenAt: '', receipts: {}, durations: {} }
  try {
    const found = JSON.parse(await readFile(fileOf(host), 'utf8')) as HostInventory
    return found.format === 1 ? { ...empty, ...found } : empty
  } catch {
    return empty
  }
}

export async function writeInventory(inventory: HostInventory): Promise<void> {
  const file = fileOf(inventory.host)
  await mkdir(dirname(file), { recursive: true })
  const next = `${file}.${process.pid}`
  await writeFile(next, `${JSON.stringify(inventory, null, 2)}\n`)
  await rename(next, file)
}
