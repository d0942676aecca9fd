/** What the YAML library complains of, in the words of somebody who writes recipes. */
import type { Document, YAMLError } from 'yaml'

interface Explained {
  message: string
  next?: string
}

/** The errors worth showing: what follows a syntax error on is mostly the echo of the first. */
export function reportedYamlErrors(document: Document): YAMLError[] {
  const all: YAMLError[] = [...document.errors, ...document.warnings]
  const tooDeep = all.find((error) => error.code === 'RESOURCE_EXHAUSTION')
  if (tooDeep) return [tooDeep]
  const mild = all.filter((error) => MILD.has(error.code))
  const syntax = all.find((error) => !MILD.has(error.code))
  return syntax ? [...mild.filter((error) => error.pos[0] < syntax.pos[0]), syntax] : mild
}

/** Errors after which the rest of the file is still understood. */
const MILD = new Set<YAMLError['code']>(['DUPLICATE_KEY', 'NON_STRING_KEY', 'TAG_RESOLVE_FAILED'])

/** `firstLine` is the line of the first of two equal keys. */
export function explainYamlError(error: YAMLError, text: string, firstLine: number | undefined): Explained {
  const offset = error.pos[0]
  const here = text.slice(offset)
  const word = /^[^\s,\]}:]+/.exec(here)?.[0] ?? ''
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = /^(?:"[^"]*"|'[^']*'|[^:\n]*)/.exec(here)?.[0].trim() ?? word
      return {
        message: `duplicate key "${key.replace(/^["']|["']$/g, '')}"; it is given first in line ${firstLine}`,
      }
    }
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used to indent; YAML wants blanks', next: 'Replace the tab with blanks.' }
    case 'NON_STRING_KEY':
      return { message: 'a key must be plain text, not a list, a map or an alias' }
    case 'TAG_RESOLVE_FAILED':
      return { message: `unknown tag ${word}; tags are not used here` }
    case 'RESOURCE_EXHAUSTION':
      return { message: 'lists or maps are nested too deeply' }
    case 'BAD_DQ_ESCAPE':
      return {
        message: `\\${text[offset + 1] ?? ''} means nothing in double quotes`,
        next: 'Write \\\\ for a backslash, or use single quotes.',
      }
    case 'BAD_SCALAR_START':
      return { message: `a value cannot start with ${here[0]}`, next: 'Put the value in quotes.' }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return { message: 'a value with ": " in it must be quoted, or a map must start on its own line' }
    case 'BAD_ALIAS':
      return { message: 'a value that starts with * or & must be quoted' }
    case 'MISSING_CHAR':
      return missing(error.message, here, text, offset)
    case 'BAD_INDENT':
      return /must end with a|and end with a/.test(error.message)
        ? { message: `a list or map opened with ${/]$/.test(error.message) ? '[' : '{'} is not closed` }
        : { message: 'this line is not indented like the lines it belongs to' }
    case 'UNEXPECTED_TOKEN':
      return {
        message: `${word ? `"${word}"` : 'this'} is not expected here`,
        next: 'Check indentation and quotes.',
      }
    default:
      return { message: 'this is not valid YAML here', next: 'Check indentation, quotes and brackets.' }
  }
}

function missing(message: string, here: string, text: string, offset: number): Explained {
  if (/quote/.test(message)) return { message: 'a quote is not closed before this' }
  if (/flow/.test(message) && (here.startsWith('{') || text[offset - 1] === '$' || text[offset - 1] === '{'))
    return {
      message: 'inside [ ] or { } a value with ${…} must be quoted',
      next: 'Quote the value, or write the list with one "- " line an item.',
    }
  if (/flow/.test(message)) return { message: 'a comma is missing between the items of [ ] or { }' }
  if (/Implicit map keys|map values/.test(message)) return { message: 'a ":" is missing after this key' }
  return { message: 'something is missing here', next: 'Check quotes, commas and brackets.' }
}
