/**
 * Method tokens: %s, %i, %f, %m, %r, %% and %{group/property} in an exec string. Pure.
 * Read in illumos: startd/expand.c (expand_method_tokens, expand_token, get_prop_val_str, get_prop, quote_for_shell).
 */
import { instanceFmri } from '../fmri.ts'
import { type Groups, values } from '../repository.ts'

export interface TokenContext {
  service: string
  instance: string
  method: string
  /** Composed groups, of the running snapshot. */
  groups: Groups
  /** Composed, as they are now: looked at for what the snapshot does not have. */
  editing: Groups
}

export type Expansion = { text: string } | { problem: string }

export function expandTokens(text: string, context: TokenContext): Expansion {
  let result = ''
  for (let rest = text; ; ) {
    const at = rest.indexOf('%')
    // A percent sign at the very end is dropped, as svc.startd does.
    if (at < 0) return { text: result + rest }
    result += rest.slice(0, at)
    const token = rest[at + 1]
    if (token === undefined) return { text: result }
    if (token !== '{') {
      const value = letter(token, context)
      if (value === undefined) return { problem: 'unknown method token' }
      result += value
      rest = rest.slice(at + 2)
      continue
    }
    const close = rest.indexOf('}', at)
    if (close < 0) return { problem: 'parse error' }
    const found = property(rest.slice(at + 2, close), context)
    if ('problem' in found) return found
    result += found.text
    rest = rest.slice(close + 1)
  }
}

function letter(token: string, { service, instance, method }: TokenContext): string | undefined {
  const tokens: Record<string, string> = {
    '%': '%',
    r: 'svc.startd',
    s: service,
    i: instance,
    f: instanceFmri(service, instance),
    m: method,
  }
  return Object.hasOwn(tokens, token) ? tokens[token] : undefined
}

function property(token: string, { groups, editing }: TokenContext): Expansion {
  const separator = /[,:]$/.exec(token)?.[0]
  const specification = separator ? token.slice(0, -1) : token
  const slash = specification.indexOf('/')
  const group = slash < 0 ? 'application' : specification.slice(0, slash)
  const name = specification.slice(slash + 1)
  const found = values(groups, group, name) ?? values(editing, group, name)
  if (!found) return { problem: `property "${specification}" not found` }
  return { text: found.map(quoteForShell).join(separator ?? ' ') }
}

/** A value with a backslash before every character that the shell treats specially. */
export function quoteForShell(value: string): string {
  return value.replace(/[;&()|^<>\n \t\\"'`]/g, '\\$&')
}
