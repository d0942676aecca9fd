/** Commands that run on hosts: words that can be run, none that destroy a Solaris host, readable patterns. */
import type { BuildStackError } from '../../errors.ts'
import type { Path } from '../document.ts'
import type { Recipe } from '../recipe.ts'
import { expandPattern, VARIABLES } from '../template.ts'
import { type Block, type Check, type CheckContext, faultAt } from './check.ts'

export const checkCommands: Check = ({ blocks, document, recipe }) => [
  ...upstreamFaults(recipe, document),
  ...blocks.flatMap((block) => [
    ...commandsOf(block).flatMap(({ path, words }) => commandFaults(path, words, document)),
    ...(block.fields.smoke ?? []).flatMap(({ stdout }, i) => {
      const problem = stdout === undefined ? undefined : patternProblem(stdout)
      return problem === undefined
        ? []
        : [faultAt(document, [...block.path, 'smoke', i, 'stdout'], `not a regular expression: ${problem}`)]
    }),
  ]),
]

function upstreamFaults({ upstream }: Recipe, document: Document): BuildStackError[] {
  if (!upstream || 'debian' in upstream) return []
  const problem = patternProblem(upstream.versions)
  const address = URL.canParse(upstream.url) && /^https?:$/.test(new URL(upstream.url).protocol)
  return [
    ...(problem === undefined
      ? []
      : [faultAt(document, ['upstream', 'versions'], `not a regular expression: ${problem}`)]),
    ...(address ? [] : [faultAt(document, ['upstream', 'url'], 'not an address of the web (http, https)')]),
  ]
}

function commandsOf({ path, fields }: Block): { path: Path; words: string[] }[] {
  const services = Object.entries(fields.services ?? {}).flatMap(([name, service]) =>
    (['command', 'stop', 'refresh'] as const).map((key) => ({
      path: [...path, 'services', name, key],
      words: service[key] ?? [],
    })),
  )
  const lists = (['setup', 'smoke'] as const).flatMap((key) =>
    (fields[key] ?? []).map((item, i) => ({ path: [...path, key, i, 'command'], words: item.command })),
  )
  return [...lists, ...services]
}

type Document = CheckContext['document']

function commandFaults(path: Path, words: string[], document: Document): BuildStackError[] {
  const empty = words.flatMap((word, i) =>
    word.trim() === '' ? [faultAt(document, [...path, i], 'an empty word in a command')] : [],
  )
  const found = destroys(words)
  return found ? [...empty, faultAt(document, [...path, found.index], found.reason)] : empty
}

/** In shell text: the program as a command of its own, not as part of another word. */
const KILLALL = /(?:^|[\s;&|(`/])killall(?=$|[\s;&|)`])/
const HOSTNAME = /(?:^|[\s;&|(`/])hostname[ \t]+[^\s;&|)`<>]/
const KILLALL_REASON = 'killall kills every process of a Solaris host; use pkill, or stop the service'
const HOSTNAME_REASON = 'hostname with an argument renames a Solaris host to it; use uname -n'

/** Why a line of shell text must not run on a Solaris host. */
export function destroyingText(text: string): string | undefined {
  if (KILLALL.test(text)) return KILLALL_REASON
  return HOSTNAME.test(text) ? HOSTNAME_REASON : undefined
}

function destroys(words: string[]): { index: number; reason: string } | undefined {
  for (const [index, word] of words.entries()) {
    const program = word.split('/').at(-1)
    if (program === 'killall' || (/\s/.test(word) && KILLALL.test(word)))
      return { index, reason: KILLALL_REASON }
    const hasArgument = words[index + 1] !== undefined
    // As an argument of something else it is a word like any other: test -x /usr/bin/hostname.
    const isCommand = index === 0 || /^(?:exec|env|pfexec|sudo)$/.test(words[index - 1] ?? '')
    if (program === 'hostname' && isCommand && hasArgument) return { index, reason: HOSTNAME_REASON }
    if (HOSTNAME.test(word)) return { index, reason: HOSTNAME_REASON }
  }
  return undefined
}

function patternProblem(pattern: string): string | undefined {
  const anyValues = Object.fromEntries(VARIABLES.map((name) => [name, 'x']))
  try {
    new RegExp(expandPattern(pattern, anyValues))
    return undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) return undefined // an unknown variable: told by the check of text
    return error.message.split(': ').at(-1)
  }
}
