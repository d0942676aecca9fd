/** How a file differs from what a list says of it. Pure. */
import { type ListedFile, octalMode } from './fileList.ts'

/** Phrases: "content (10 -> 12 bytes)", "mode 755 -> 700". None when all that is known of both is equal. */
export function differencesOf(was: ListedFile, is: ListedFile): string[] {
  // ls has a letter for what is neither a file nor a link.
  const [before, after] = [
    was.type,
    is.type === 'file' && !is.mode.startsWith('-') ? 'special file' : is.type,
  ]
  if (before !== after) {
    return [is.type === 'link' ? `a ${before}, now a link to ${is.target}` : `a ${before}, now a ${after}`]
  }
  // A link's own mode and size say nothing.
  if (was.type === 'link') return was.target === is.target ? [] : [`link to ${was.target} -> ${is.target}`]
  const differences: string[] = []
  if (was.size !== is.size) differences.push(`content (${was.size} -> ${is.size} bytes)`)
  else if (was.sha256 && is.sha256 && was.sha256 !== is.sha256) differences.push('content (same size)')
  const [oldMode, newMode] = [octalMode(was.mode), octalMode(is.mode)]
  if (oldMode !== newMode) differences.push(`mode ${oldMode} -> ${newMode}`)
  if (is.mode.endsWith('+') && !was.mode.endsWith('+')) differences.push('an access list added')
  return differences
}
