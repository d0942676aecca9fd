/**
 * svccfg's own language: words, strings in double quotes, and = ( ) > on their own. Pure.
 * Read in illumos: svccfg/svccfg.l and svccfg_engine.c (engine_cmd_getc).
 */

export type Token =
  | { type: 'word' | 'string'; text: string }
  | { type: '=' | '(' | ')' | '>' | 'newline' }
  | { type: 'bad'; text: string }

export interface Line {
  tokens: Token[]
  /** Counted from 1: the line that the command ends on. */
  number: number
}

/** Blanks end words as in svccfg; a backslash in a string protects the next character. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const pattern =
    /(?<blank>[ \t]+)|(?<newline>\n)|(?<comment>#[^\n]*(?=\n|$))|(?<word>[^ \t\n">=()]+)|(?<string>"(?:[^"\\]|\\[\s\S])*")|(?<sign>[=()>])|(?<bad>[\s\S])/gy
  for (const { groups } of text.matchAll(pattern)) {
    const { newline, word, string, sign, bad } = groups ?? {}
    if (newline !== undefined) tokens.push({ type: 'newline' })
    else if (word !== undefined) tokens.push({ type: 'word', text: word })
    else if (string !== undefined)
      tokens.push({ type: 'string', text: string.slice(1, -1).replace(/\\([\s\S])/g, '$1') })
    else if (sign !== undefined) tokens.push({ type: sign as '=' })
    else if (bad !== undefined) tokens.push({ type: 'bad', text: bad })
  }
  return tokens
}

/** Commands of a script; a list in parentheses may go over several lines. */
export function commandLines(text: string): Line[] {
  const lines: Line[] = []
  let tokens: Token[] = []
  let depth = 0
  let number = 1
  const end = () => {
    if (tokens.length > 0) lines.push({ tokens, number })
    tokens = []
    depth = 0
  }
  for (const token of tokenize(text)) {
    if (token.type === 'newline') {
      if (depth === 0) end()
      number++
      continue
    }
    if (token.type === '(') depth++
    if (token.type === ')') depth--
    tokens.push(token)
  }
  end()
  return lines
}
