/** What the root helper of a job is told on its standard input; see runner/host/root-helper.sh. Pure. */
import { createHash } from 'node:crypto'
import type { JobFile } from '../build/jobFolder.ts'

/** Where the helper of a job meets it: below a folder that only root can write to. */
export function helperFolder(job: string): string {
  return `/var/run/build-stack-${createHash('sha256').update(job).digest('hex').slice(0, 16)}`
}

/**
 * The password, which sudo takes away, and the files that the helper may run, each with its checksum: the root steps in
 * their order, then what runs after them. If sudo did not ask after all, the helper skips the line.
 */
export function helperInput(password: string, files: readonly JobFile[]): string {
  const trusted = files.filter(({ path }) => /^env\.sh$|^lib\/|\.root\.sh$/.test(path))
  const rank = ({ path }: JobFile) =>
    ['env.sh', 'lib/', 'steps/', 'undo', 'history'].findIndex((start) => path.startsWith(start))
  const ordered = [...trusted].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1))
  const lines = ordered.map((file) => `${sha256(file)} ${file.path}\n`)
  return `${password}\nbuild-stack-root\n${lines.join('')}end\n`
}

function sha256({ path, content }: JobFile): string {
  if (!Buffer.isBuffer(content)) throw new Error(`${path} is not at hand`)
  return createHash('sha256').update(content).digest('hex')
}
