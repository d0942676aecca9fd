/** A line in the words that a shell would make of it (quotes, backslashes, # comments), with where each begins. */

export interface ShellWord {
  text: string
  /** Counts from 0. */
  offset: number
}

/** `open` is where a quote begins that nothing closes. */
export function shellWords(line: string): { words: ShellWord[]; open: number | undefined } {
  const words: ShellWord[] = []
  let word: ShellWord | undefined
  let quote: { mark: string; offset: number } | undefined
  const add = (text: string, offset: number) => {
    word ??= { text: '', offset }
    word.text += text
  }
  for (let i = 0; i < line.length; i++) {
    const letter = line[i] as string
    if (quote) {
      if (letter === quote.mark) quote = undefined
      else if (letter === '\\' && quote.mark === '"' && /["\\]/.test(line[i + 1] ?? ''))
        add(line[++i] ?? '', i)
      else add(letter, i)
    } else if (letter === '#') {
      break
    } else if (/\s/.test(letter)) {
      if (word) words.push(word)
      word = undefined
    } else if (letter === '"' || letter === "'") {
      quote = { mark: letter, offset: i }
      add('', i)
    } else if (letter === '\\' && i + 1 < line.length) {
      add(line[i + 1] as string, i)
      i++
    } else add(letter, i)
  }
  if (word) words.push(word)
  return { words, open: quote?.offset }
}
