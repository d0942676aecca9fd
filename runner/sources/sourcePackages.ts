/** What `apt-cache showsrc` prints, read. No effects; called by debian.ts. */
import { readFields } from './aptEntries.ts'

export interface SourcePackage {
  name: string
  version: string
  files: { name: string; sha256: string; size: number }[]
}

/** The paragraphs of the output; those without sha256 checksums have no files. */
export function readSourcePackages(output: string): SourcePackage[] {
  return output.split(/\n\s*\n/).flatMap((paragraph) => {
    const fields = readFields(paragraph)
    const name = fields.get('package')
    const version = fields.get('version')
    if (name === undefined || version === undefined) return []
    const files = (fields.get('checksums-sha256') ?? '').split('\n').flatMap((line) => {
      const match = /^\s*([0-9a-f]{64})\s+(\d+)\s+(\S+)\s*$/.exec(line)
      return match ? [{ sha256: match[1] ?? '', size: Number(match[2]), name: match[3] ?? '' }] : []
    })
    return [{ name, version, files }]
  })
}

export type Choice =
  /** Versions to ask for, in this order: each has the very file. */
  | { candidates: { name: string; version: string }[] }
  /** Why none of the packages will do, for the list of the places tried; received is the other checksum. */
  | { reason: string; received?: string }

/**
 * The versions that have the file with the checksum, the newest (last in apt's list) first, for its files are the last
 * to leave the mirrors. All of them, for a mirror may lack one suite's copy and have another's.
 */
export function chooseVersion(packages: SourcePackage[], wanted: { file: string; sha256: string }): Choice {
  const holders = packages.flatMap(({ name, version, files }) =>
    files.filter((file) => file.name === wanted.file).map(({ sha256 }) => ({ name, version, sha256 })),
  )
  const right = holders.filter(({ sha256 }) => sha256 === wanted.sha256).reverse()
  const [wrong] = holders
  if (right.length > 0) {
    const distinct = new Map(right.map(({ name, version }) => [version, { name, version }]))
    return { candidates: [...distinct.values()] }
  }
  if (wrong)
    return {
      reason: `expected sha256 ${wanted.sha256}, but ${wrong.name} ${wrong.version} has it with ${wrong.sha256}`,
      received: wrong.sha256,
    }
  const versions = [...new Set(packages.map(({ version }) => version))].join(', ')
  return {
    reason:
      versions === ''
        ? 'there is no such source package here'
        : `only at ${versions} here, without that file`,
  }
}
