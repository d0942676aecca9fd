/**
 * Where a host keeps the text of a configuration file as it was installed, to see who changed it. The path is one name there:
 * the texts of a recipe lie side by side.
 */
import { createHash } from 'node:crypto'

/** A file's name has at most 255 bytes, and config-file.sh puts something behind it. */
const LONGEST = 200

export function pristinePath(prefix: string, recipe: string, path: string): string {
  const name = encodeURIComponent(path)
  const short = name.length <= LONGEST ? name : createHash('sha256').update(path).digest('hex')
  return `${prefix}/var/build-stack/config/${recipe}/${short}`
}
