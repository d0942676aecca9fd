/**
 * A YAML file as a plain value that remembers where each part of it stands. The only import of `yaml`.
 * YAML 1.2, core schema; map keys are always the text that was written (`2.10:` is the key "2.10").
 */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
  type Document as YamlDocument,
} from 'yaml'
import type { BuildStackError, Location } from '../errors.ts'
import { configFault, throwFaults } from './faults.ts'
import { explainYamlError, reportedYamlErrors } from './yamlErrors.ts'

export type Path = readonly (string | number)[]

export interface Document {
  file: string
  /** Made of null, booleans, numbers, strings, arrays and objects. */
  value: unknown
  /**
   * Where the value at the path (or the key of it) stands; for a path that is not there, where its nearest
   * parent stands.
   */
  locate(path: Path, part?: 'key' | 'value'): Location
  /** The text of a scalar as written, without quotes: "2.10" where the value is 2.1. Undefined for lists and maps. */
  sourceText(path: Path): string | undefined
  /** Where `needle` stands for the nth time (from 0) inside the scalar at the path; where the scalar stands without it. */
  locateWithin(path: Path, needle: string, occurrence: number): Location
}

/** More values than any recipe has; aliases of aliases reach it quickly. */
const MAX_VALUES = 50_000

export interface DocumentOptions {
  /** 'ignore' for files that other programs read too, and give their own meaning to tags. */
  unknownTags?: 'refuse' | 'ignore'
}

/** `file` is the name that messages show. Throws BuildStackError CONFIG, or BuildStackErrors for several faults. */
export function parseDocument(text: string, file: string, options: DocumentOptions = {}): Document {
  const lines = new LineCounter()
  const at = (offset: number): Location => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const fault = (message: string, offset: number, next?: string) =>
    configFault(message, at(offset), next === undefined ? {} : { next })

  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    stringKeys: true,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  })
  const document = documents[0]
  const second = documents[1]
  const faults: BuildStackError[] = []
  if (second) {
    faults.push(fault('a second document starts here; a file holds one', second.range[0]))
  }
  if (!document) throw fault('the file is empty', 0)
  if (document.directives?.yaml.explicit) faults.push(fault('a %YAML line is not used here; remove it', 0))
  for (const error of reportedYamlErrors(document)) {
    if (error.code === 'TAG_RESOLVE_FAILED' && options.unknownTags === 'ignore') continue
    const firstKey = error.code === 'DUPLICATE_KEY' ? firstOfDuplicate(document, error.pos[0]) : undefined
    const explained = explainYamlError(error, text, firstKey && at(firstKey.range?.[0] ?? 0).line)
    faults.push(fault(explained.message, error.pos[0], explained.next))
  }
  throwFaults(faults)

  return {
    file,
    value: toValue(document, fault),
    locate: (path, part = 'value') => at(offsetOf(document, path, part)),
    sourceText: (path) => {
      const node = nodeAt(document, path)
      if (!isScalar(node)) return undefined
      return node.source ?? ''
    },
    locateWithin: (path, needle, occurrence) => {
      const node = nodeAt(document, path)
      if (!node?.range) return at(offsetOf(document, path, 'value'))
      let found = node.range[0] - 1
      for (let i = 0; i <= occurrence; i++) {
        found = text.indexOf(needle, found + 1)
        if (found < 0 || found >= node.range[1]) return at(node.range[0])
      }
      return at(found)
    },
  }
}

type Fault = (message: string, offset: number, next?: string) => BuildStackError

/** Own walk instead of the library's toJS: it can say where an alias goes wrong. */
function toValue(document: YamlDocument, fault: Fault): unknown {
  const open = new Set<Node>()
  let count = 0

  function convert(node: Node | null, offset: number): unknown {
    if (++count > MAX_VALUES) throw fault('aliases make this file grow without end', offset)
    if (node === null) return null
    const start = node.range?.[0] ?? offset
    if (isAlias(node)) return convertAlias(node, start)
    if (isScalar(node)) return node.value
    if (isSeq(node)) return node.items.map((item) => convert(item as Node | null, start))
    if (!isMap(node)) throw fault('this is not a value', start)
    const value: Record<string, unknown> = {}
    for (const pair of node.items) {
      const key = pair.key as Scalar<string>
      // Assigning it would set the prototype instead, and the key would go unseen.
      if (key.value === '__proto__') throw fault('unknown key "__proto__"', key.range?.[0] ?? start)
      value[key.value] = convert(pair.value as Node | null, key.range?.[0] ?? start)
    }
    return value
  }

  function convertAlias(alias: Alias, offset: number): unknown {
    const target = alias.resolve(document)
    if (!target)
      throw fault(
        `*${alias.source} refers to an anchor that is not set above it`,
        offset,
        'Quote the value if it is meant to start with *.',
      )
    if (open.has(target)) throw fault(`*${alias.source} refers to a value that contains it`, offset)
    open.add(target)
    const value = convert(target, offset)
    open.delete(target)
    return value
  }

  return convert(document.contents, 0)
}

function resolved(document: YamlDocument, node: unknown): Node | undefined {
  if (isAlias(node)) return node.resolve(document)
  return (node as Node | null) ?? undefined
}

function pairAt(map: YAMLMap, name: string | number) {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === String(name))
}

function nodeAt(document: YamlDocument, path: Path): Node | undefined {
  let node = resolved(document, document.contents)
  for (const part of path) {
    const child = isMap(node) ? pairAt(node, part)?.value : isSeq(node) ? node.items[Number(part)] : undefined
    node = resolved(document, child)
    if (!node) return undefined
  }
  return node
}

function offsetOf(document: YamlDocument, path: Path, part: 'key' | 'value'): number {
  const last = path.at(-1)
  if (last === undefined) return document.contents?.range?.[0] ?? 0
  const parent = nodeAt(document, path.slice(0, -1))
  const pair = isMap(parent) ? pairAt(parent, last) : undefined
  const key = pair?.key as Scalar | undefined
  const value = pair ? pair.value : isSeq(parent) ? parent.items[Number(last)] : undefined
  const keyOffset = key?.range?.[0]
  // Where a value is left out there is nothing to point at but its key.
  const valueOffset =
    key && isScalar(value) && value.range?.[0] === value.range?.[1] ? undefined : rangeStart(value)
  const wanted = part === 'key' ? (keyOffset ?? valueOffset) : (valueOffset ?? keyOffset)
  return wanted ?? offsetOf(document, path.slice(0, -1), part)
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}

function firstOfDuplicate(document: YamlDocument, offset: number): Scalar | undefined {
  const search = (node: unknown): Scalar | undefined => {
    if (isSeq(node)) return node.items.map(search).find(Boolean)
    if (!isMap(node)) return undefined
    const second = node.items.find((pair) => (pair.key as Node | null)?.range?.[0] === offset)
    if (second) return pairAt(node, String((second.key as Scalar).value))?.key as Scalar | undefined
    return node.items.map((pair) => search(pair.value)).find(Boolean)
  }
  return search(document.contents)
}
