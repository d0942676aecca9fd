/**
 * What a file of the project says: from the copy of its last reading as long as its text and this program are the same,
 * else from its text. A run that has nothing to do spends most of its time on what reading YAML takes to load.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildStackError, Location } from '../errors.ts'
import { cacheFolder } from '../paths.ts'
import type { Document, Path } from './document.ts'
import { throwFaults } from './faults.ts'
import type { FileValues } from './parseText.ts'

export interface Parsed<T> {
  value: T
  document: Document
}

/** What is wrong with a value of the right shape: checks that may ask other files. */
type FaultsOf<T> = (parsed: Parsed<T>) => BuildStackError[] | Promise<BuildStackError[]>

/**
 * `file` is the path below the project's folder, and the name that messages show.
 * @throws CONFIG: BuildStackError for one fault, BuildStackErrors for several; always from the text itself.
 */
export async function parsedFile<K extends keyof FileValues>(
  kind: K,
  { folder, file, text }: { folder: string; file: string; text: string },
  faultsOf: FaultsOf<FileValues[K]>,
): Promise<Parsed<FileValues[K]>> {
  const place = copyPlace(folder, file)
  const key = place && copyKey(kind, text)
  const copy = place && key ? readCopy<FileValues[K]>(place, key, file) : undefined
  // A copy has no place for every letter: what is wrong is said of the text.
  if (copy && (await faultless(faultsOf, copy))) return copy
  const { parseText } = await import('./parseText.ts')
  const parsed = parseText(kind, text, file)
  throwFaults(await faultsOf(parsed))
  if (place && key) writeCopy(place, key, parsed)
  return parsed
}

async function faultless<T>(faultsOf: FaultsOf<T>, copy: Parsed<T>): Promise<boolean> {
  try {
    return (await faultsOf(copy)).length === 0
  } catch {
    return false
  }
}

interface Copy {
  key: string
  value: unknown
  /** As written, without defaults. */
  raw: unknown
  /** By path as JSON: line and column of the key, line and column of the value. */
  places: Record<string, [number, number, number, number]>
}

const HERE = fileURLToPath(import.meta.url)

/** One for each file of each project; none for a program that runs from its sources, which may change meanwhile. */
function copyPlace(folder: string, file: string): string | undefined {
  if (basename(dirname(HERE)) !== '.build') return undefined
  return cacheFolder('parsed', `${hash(resolve(folder, file))}.json`)
}

/** Another build of this program may know other keys and defaults. */
function copyKey(kind: string, text: string): string {
  const { mtimeMs, size } = statSync(join(dirname(HERE), 'main.js'))
  return hash(JSON.stringify([kind, mtimeMs, size, text]))
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function readCopy<T>(place: string, key: string, file: string): Parsed<T> | undefined {
  try {
    const copy = JSON.parse(readFileSync(place, 'utf8')) as Copy
    return copy.key === key ? { value: copy.value as T, document: documentOf(copy, file) } : undefined
  } catch {
    // Not there, or half written: it can always be made anew.
    return undefined
  }
}

function documentOf({ raw, places }: Copy, file: string): Document {
  const locate = (path: Path, part: 'key' | 'value' = 'value'): Location => {
    const found = places[JSON.stringify(path)]
    if (!found) return path.length > 0 ? locate(path.slice(0, -1), part) : { file, line: 1, column: 1 }
    const [line, column] = part === 'key' ? found : found.slice(2)
    return { file, line: line as number, column: column as number }
  }
  return { file, value: raw, locate, locateWithin: (path) => locate(path), sourceText: () => undefined }
}

/** A full disk or a read-only home is no reason to fail. */
function writeCopy(place: string, key: string, { value, document }: Parsed<unknown>): void {
  const copy: Copy = { key, value, raw: document.value, places: placesOf(document) }
  try {
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 })
    const next = `${place}.${process.pid}`
    writeFileSync(next, JSON.stringify(copy), { mode: 0o600 })
    renameSync(next, place)
  } catch {
    // The next run reads the text again.
  }
}

function placesOf(document: Document): Copy['places'] {
  const places: Copy['places'] = {}
  function visit(value: unknown, path: Path): void {
    const [key, own] = [document.locate(path, 'key'), document.locate(path)]
    places[JSON.stringify(path)] = [key.line, key.column, own.line, own.column]
    if (Array.isArray(value)) for (const [i, item] of value.entries()) visit(item, [...path, i])
    else if (typeof value === 'object' && value !== null) {
      for (const [name, item] of Object.entries(value)) visit(item, [...path, name])
    }
  }
  visit(document.value, [])
  return places
}
