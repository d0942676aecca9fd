/** Patterns of names in hosts.yaml: * and ? as in ssh, and ! for what is left out. */
import { matchesPattern } from '../../transports/hostPattern.ts'

/** One that begins with ! takes out what it fits; with only such ones everything else fits. */
export function fits(name: string, patterns: readonly string[]): boolean {
  const out = patterns.filter((pattern) => pattern.startsWith('!'))
  if (out.some((pattern) => matchesPattern(pattern.slice(1), name))) return false
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!'))
  return wanted.length === 0 || wanted.some((pattern) => matchesPattern(pattern, name))
}

/** Whether it is a plain name, and not a pattern for several. */
export function isName(pattern: string): boolean {
  return !/^!|[*?]/.test(pattern)
}
