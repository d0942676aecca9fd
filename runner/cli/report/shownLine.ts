/** Words of a host or a build as they may reach a terminal: without colours, cursor movements and control characters. */
import { stripVTControlCharacters } from 'node:util'
import { printable } from '../../transports/printable.ts'

export function shownLine(line: string): string {
  // What a progress bar would have overwritten is not worth a place.
  const last = line.trimEnd().split('\r').at(-1) ?? ''
  return printable(stripVTControlCharacters(last)).trimEnd()
}
