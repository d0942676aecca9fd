/** What `apt-cache showsrc` prints, read. No effects; called by debian.ts. */
import { readFields } from './apt-entries.ts'

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
  | { name: string; version: string; size: number }
  /** Why none of the packages will do, for the list of the places tried. */
  | { reason: string; received?: string }

/**
 * The version to ask for: one that has the file with the checksum. The newest is last in apt's list and preferred,
 * for its files are the last to leave the mirrors.
 */
export function chooseVersion(packages: SourcePackage[], wanted: { file: string; sha256: string }): Choice {
  const holders = packages.flatMap(({ name, version, files }) =>
    files
      .filter((file) => file.name === wanted.file)
      .map(({ sha256, size }) => ({ name, version, sha256, size })),
  )
  const right = holders.findLast((holder) => holder.sha256 === wanted.sha256)
  if (right) return { name: right.name, version: right.version, size: right.size }
  const wrong = holders.at(-1)
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
