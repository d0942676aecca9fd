/**
 * What the store has beside the archive of a package: which archive it is, all that is known of the package, and, where
 * the controllers share a key, a MAC over both. Pure.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type PackageInfo, packageName, parsePackageInfo } from '../packages/package.ts'

const FORMAT = 1

export interface PackageEntry {
  /** Of the archive. */
  sha256: string
  /** Bytes of the archive. */
  size: number
  info: PackageInfo
}

interface Written {
  format: typeof FORMAT
  sha256: string
  size: number
  /** As JSON: what was signed is a text. */
  info: string
  mac: string | null
}

export function entryText(
  name: string,
  { sha256, size, info }: PackageEntry,
  key: string | undefined,
): string {
  const text = JSON.stringify(info)
  const mac = macOf([name, sha256, String(size), text], key) ?? null
  return JSON.stringify({ format: FORMAT, sha256, size, info: text, mac } satisfies Written)
}

/** The entry from its text; the reason when it cannot be used as one of this name. */
export function readEntry(
  name: string,
  text: string,
  key: string | undefined,
): PackageEntry | { reason: string } {
  const written = parsed(text)
  if (written?.format !== undefined && written.format !== FORMAT)
    return { reason: `format ${JSON.stringify(written.format)}; this build-stack knows format ${FORMAT}` }
  const { sha256, size, info: said, mac } = written ?? {}
  if (typeof sha256 !== 'string' || typeof size !== 'number' || typeof said !== 'string')
    return { reason: 'its entry is damaged' }
  const expected = macOf([name, sha256, String(size), said], key)
  if (expected !== undefined && !equal(expected, String(mac)))
    return { reason: 'nobody with the key of this store put it' }
  const info = parsePackageInfo(said)
  if ('reason' in info) return { reason: info.reason }
  return packageName(info.build) === name ? { sha256, size, info } : { reason: 'it is another package' }
}

function parsed(text: string): Partial<Written> | null {
  try {
    return JSON.parse(text) as Partial<Written> | null
  } catch {
    return null
  }
}

function macOf(words: string[], key: string | undefined): string | undefined {
  if (key === undefined) return undefined
  return createHmac('sha256', key).update(JSON.stringify(words)).digest('hex')
}

/** Their length tells nothing either. */
function equal(one: string, other: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(one), hash(other))
}
