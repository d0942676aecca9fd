/** getopt(3): options end at the first operand or at --, as on Solaris. */

export interface Options {
  /** In order; the argument where the letter takes one. */
  options: { letter: string; argument: string }[]
  operands: string[]
  /** The letter that is unknown or lacks its argument. */
  unknown?: string
}

/** letters as for getopt(3): a colon behind those that take an argument. */
export function getopt(args: string[], letters: string): Options {
  const result: Options = { options: [], operands: [] }
  let index = 0
  for (; index < args.length; index++) {
    const word = args[index] ?? ''
    if (word === '--') {
      index++
      break
    }
    if (word === '-' || !word.startsWith('-')) break
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] ?? ''
      const place = letter === ':' ? -1 : letters.indexOf(letter)
      if (place < 0) return { ...result, unknown: letter }
      if (letters[place + 1] !== ':') {
        result.options.push({ letter, argument: '' })
        continue
      }
      const argument = at + 1 < word.length ? word.slice(at + 1) : args[++index]
      if (argument === undefined) return { ...result, unknown: letter }
      result.options.push({ letter, argument })
      break
    }
  }
  result.operands = args.slice(index)
  return result
}
