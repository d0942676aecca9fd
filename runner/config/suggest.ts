/** The near miss of a misspelt word: "did you mean …?". The only import of leven. */
import leven from 'leven'

/** The candidate that the word is most likely meant to be, or undefined when none is near. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase()
  // One slip in a short word, one in every three letters of a longer one.
  let best: { candidate: string; distance: number } | undefined
  for (const candidate of candidates) {
    const maxDistance = Math.max(1, Math.floor(Math.max(candidate.length, word.length) / 3))
    const distance = leven(typed, candidate.toLowerCase(), { maxDistance: maxDistance + 1 })
    if (distance <= maxDistance && (!best || distance < best.distance)) best = { candidate, distance }
  }
  return best?.candidate
}

/** `; did you mean "x"?` for a near candidate, else `; LABEL: a, b, c`, or nothing when there are no candidates. */
export function suggestion(word: string, candidates: Iterable<string>, label: string): string {
  const all = [...candidates]
  const near = closest(word, all)
  if (near !== undefined) return `; did you mean "${near}"?`
  return all.length ? `; ${label}: ${all.join(', ')}` : ''
}
