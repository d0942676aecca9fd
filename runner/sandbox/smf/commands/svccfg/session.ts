/** What the commands of one svccfg share: the selection, the output, and how an error ends it. */

import { formatFmri, type ServiceFmri } from '../../fmri.ts'
import type { Groups } from '../../repository.ts'
import type { Call, Output, Smf } from '../command.ts'
import { Exit } from '../command.ts'
import type { Token } from './lexer.ts'

export interface Session {
  smf: Smf
  call: Call
  output: Output
  verbose: boolean
  /** The selected service or instance; undefined at the top. */
  selection: ServiceFmri | undefined
  /** "svccfg", or "svccfg (FILE, line N)" inside a script. */
  prefix: string
}

/** A subcommand. Returns false when its words are wrong. */
export type Subcommand = (session: Session, tokens: Token[]) => boolean | Promise<boolean>

export function warn({ output, prefix }: Session, text: string): void {
  output.stderr += `${prefix}: ${text}\n`
}

/** Ends svccfg with status 1. */
export function fail(session: Session, text: string): never {
  warn(session, text)
  throw new Exit(1)
}

/** The texts when all tokens are words, and as many as wanted. */
export function words(tokens: Token[], least: number, most: number): string[] | undefined {
  if (tokens.length < least || tokens.length > most) return undefined
  const texts = tokens.flatMap((t) => (t.type === 'word' ? [t.text] : []))
  return texts.length === tokens.length ? texts : undefined
}

/** The texts when all tokens are words or strings. */
export function strings(tokens: Token[]): string[] | undefined {
  const texts = tokens.flatMap((t) => (t.type === 'word' || t.type === 'string' ? [t.text] : []))
  return texts.length === tokens.length ? texts : undefined
}

export function requirePermission(session: Session): void {
  if (session.call.uid !== 0) fail(session, 'Permission denied.')
}

/** Groups of the selection, without composition. */
export function selectedGroups(session: Session): Groups {
  const { selection, smf } = session
  const groups = selection && smf.repository.groupsOf(selection)
  return groups ?? fail(session, 'An entity is not selected.')
}

export function selectedFmri({ selection }: Session): string {
  return selection ? formatFmri(selection) : 'svc:'
}
