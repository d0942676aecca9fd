/**
 * Values on their way into a shell. This is the one place that quotes; everything else keeps argument lists.
 * The quotes are those that every shell knows, csh included; zx's own are bash's ($'...').
 */

/**
 * One word for any shell. csh takes ! for the history even within quotes; with a backslash outside of them it is one
 * for every shell. What no quoting brings through csh is a line break: on the line that a login shell gets there is
 * none. A NUL cannot be part of a word and is refused where values come in (config/).
 */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/['!]/g, "'\\$&'")}'`
}

/** The first word is quoted where the shell would take it for an assignment. */
export function commandLine(argv: readonly string[]): string {
  const [program = '', ...words] = argv.map(quote)
  const first = program.includes('=') && !program.startsWith("'") ? `'${program}'` : program
  return [first, ...words].join(' ')
}

/** `A='x'; export A`, as the Bourne shell wants it, a line each. */
export function exports(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${quote(value)}; export ${name}\n`)
    .join('')
}
