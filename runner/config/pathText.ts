/** A place in a file's value, in words. */
import type { Path } from './document.ts'

/** `versions.1.6.18.source.url`, `patches[0].file`: items count from 0. */
export function pathText(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i ? `.${part}` : part)).join('')
}
