/**
 * The controller's copy of what hosts have: their receipts as last seen, and how long each step took. It is for showing
 * progress and for looking things up without a connection; the truth is on the hosts.
 */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
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
  /** Unknown in those that an older build-stack wrote. */
  cpus?: number
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

/** Of all hosts that were ever seen, the one seen last first. */
export async function everyInventory(): Promise<HostInventory[]> {
  const files = await readdir(cacheFolder('inventory')).catch(() => [])
  const hosts = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length))
  const all = await Promise.all(hosts.map(readInventory))
  return all.filter(({ seenAt }) => seenAt !== '').sort((a, b) => (a.seenAt < b.seenAt ? 1 : -1))
}

/** What the last run of a recipe took; a later run without a build does not make the build's times forgotten. */
export function mergedDurations(
  before: HostInventory['durations'],
  measured: HostInventory['durations'],
): HostInventory['durations'] {
  const merged = Object.entries(measured).map(([recipe, now]): [string, Expected] => {
    const last = before[recipe]
    return [
      recipe,
      {
        ...last,
        ...now,
        seconds: { ...last?.seconds, ...now.seconds },
        logBytes: { ...last?.logBytes, ...now.logBytes },
      },
    ]
  })
  return { ...before, ...Object.fromEntries(merged) }
}

export async function writeInventory(inventory: HostInventory): Promise<void> {
  const file = fileOf(inventory.host)
  await mkdir(dirname(file), { recursive: true })
  const next = `${file}.${process.pid}`
  await writeFile(next, `${JSON.stringify(inventory, null, 2)}\n`)
  await rename(next, file)
}
