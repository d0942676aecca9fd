/** Regular expressions of profiles. They may begin with Python's (?i), which JavaScript writes as a flag. */

const IGNORING_CASE = '(?i)'

/** What JavaScript compiles, and how many characters before it are not part of that. */
export function flagsOf(source: string): { pattern: string; flags: string; offset: number } {
  return source.startsWith(IGNORING_CASE)
    ? { pattern: source.slice(IGNORING_CASE.length), flags: 'i', offset: IGNORING_CASE.length }
    : { pattern: source, flags: '', offset: 0 }
}

/** Found anywhere in a path, unless it says otherwise. @throws SyntaxError for what syncFaults refuses. */
export function pathPattern(source: string): RegExp {
  const { pattern, flags } = flagsOf(source)
  return new RegExp(pattern, flags)
}
