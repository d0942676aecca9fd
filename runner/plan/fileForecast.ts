/** Which files an action adds below the prefix and which it takes away. Pure. */
import type { FileForecast } from './preview.ts'

/** Paths relative to the prefix, without folders; undefined where they are not known. */
export function fileForecast(
  before: readonly string[],
  after: readonly string[] | undefined,
): FileForecast | undefined {
  if (!after) return undefined
  const [was, will] = [new Set(before), new Set(after)]
  return {
    appear: [...will].filter((path) => !was.has(path)).sort(),
    vanish: [...was].filter((path) => !will.has(path)).sort(),
  }
}

/** What tar names in a list: folders end in a slash, and names may begin with "./". */
export function filesOfArchive(members: readonly string[]): string[] {
  return members.flatMap((member) => {
    const path = member.replace(/^(\.\/)+/, '')
    return path === '' || path === '.' || path.endsWith('/') ? [] : [path]
  })
}
