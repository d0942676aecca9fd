/**
 * Which versions a range allows. The only import of `semver`. Its parser gives the meaning of ^, ~, x-ranges and
 * partial versions (the rules for 0.x and the like are its to know), asked with the plain numbers only; the bounds
 * are then compared in our own order, because semver cannot read 0.9.7m and takes 1.4.6-2 for a pre-release.
 */
import Range from 'semver/classes/range.js'
import type SemVer from 'semver/classes/semver.js'
import { compareParsed, isVersion, parseVersion, type Version } from './versionOrder.ts'

export { compareVersions, isVersion } from './versionOrder.ts'

interface Comparator {
  operator: '<' | '<=' | '>' | '>=' | '='
  version: Version
}

/** Every comparator of one of the sets must hold. */
type ComparatorSets = Comparator[][]

const known = new Map<string, ComparatorSets | undefined>()

export function validRange(range: string): boolean {
  return comparatorSets(range) !== undefined
}

/** A pre-release satisfies only a range that names a pre-release of the same release, as in semver. */
export function satisfies(version: string, range: string): boolean {
  const sets = comparatorSets(range)
  if (!sets) throw new TypeError(`${JSON.stringify(range)} is not a range of versions`)
  const parsed = parseVersion(version)
  return sets.some((set) => set.every((comparator) => holds(parsed, comparator)) && mayMatch(parsed, set))
}

function holds(version: Version, { operator, version: bound }: Comparator): boolean {
  const order = compareParsed(version, bound)
  if (operator === '=') return order === 0
  if (operator.startsWith('<')) return order < 0 || (operator === '<=' && order === 0)
  return order > 0 || (operator === '>=' && order === 0)
}

function mayMatch(version: Version, set: Comparator[]): boolean {
  if (!version.preRelease) return true
  const release = { ...version, preRelease: undefined, revision: [] }
  return set.some(
    ({ version: bound }) =>
      bound.preRelease?.length &&
      compareParsed(release, { ...bound, preRelease: undefined, revision: [] }) === 0,
  )
}

function comparatorSets(range: string): ComparatorSets | undefined {
  if (!known.has(range)) known.set(range, parseRange(range))
  return known.get(range)
}

function parseRange(range: string): ComparatorSets | undefined {
  if (range.trim() === '') return undefined
  const sets = range.split('||').map(parseSet)
  return sets.every((set) => set !== undefined) ? sets : undefined
}

const PART = /^(\^|~>?|>=|<=|>|<|=)?(.+)$/

function parseSet(text: string): Comparator[] | undefined {
  const hyphen = /^\s*(\S+)\s+-\s+(\S+)\s*$/.exec(text)
  const parts = hyphen
    ? [`>=${hyphen[1]}`, `<=${hyphen[2]}`]
    : text
        .trim()
        .replace(/(\^|~>?|>=|<=|>|<|=)\s+/g, '$1')
        .split(/\s+/)
  const comparators = parts.map((part) => {
    const [, operator = '', version = ''] = PART.exec(part) ?? []
    return parsePart(operator, version)
  })
  return comparators.every((c) => c !== undefined) ? comparators.flat() : undefined
}

function parsePart(operator: string, text: string): Comparator[] | undefined {
  if (/^[vV]?(?:\d+|[xX*])(?:\.(?:\d+|[xX*])){0,2}$/.test(text)) {
    const comparators = fromSemver(operator, text)
    // It refuses numbers above 2^53: a date with a time. Those are then exact.
    if (comparators) return comparators
  }
  const wildcard = /^((?:\d+\.){2}(?:\d+\.)*\d+)\.[xX*]$/.exec(text)
  if (wildcard && !operator) return underNumbers((wildcard[1] ?? '').split('.'))
  if (!isVersion(text)) return undefined
  const version = parseVersion(text)
  if (operator === '' || operator === '=') return [{ operator: '=', version }]
  if (operator !== '^' && !operator.startsWith('~'))
    return [{ operator: operator as Comparator['operator'], version }]
  // The upper bound is that of the release: ^0.9.7m ends where ^0.9.7 ends.
  const release = /^[vV]?(\d+(?:\.\d+){0,2})/.exec(text)?.[1] ?? ''
  const upper = fromSemver(operator, release)?.filter((comparator) => comparator.operator === '<')
  return upper && [{ operator: '>=', version }, ...upper]
}

/** 3.5.0.x: semver knows three numbers only. */
function underNumbers(numbers: string[]): Comparator[] {
  const next = [...numbers.slice(0, -1), String(BigInt(numbers.at(-1) ?? '0') + 1n)]
  return [
    { operator: '>=', version: parseVersion(numbers.join('.')) },
    { operator: '<', version: beforePreReleases(parseVersion(next.join('.'))) },
  ]
}

function fromSemver(operator: string, text: string): Comparator[] | undefined {
  const range = semverRange(`${operator}${text.replace(/^[vV]/, '').replace(/\b0+(?=\d)/g, '')}`)
  return range?.set[0]?.flatMap(({ operator: found, semver }) => {
    // "Any version" is a symbol there, whatever the types say; it excludes nothing.
    if (typeof (semver as SemVer | symbol) === 'symbol') return []
    const version = parseVersion(`${semver.major}.${semver.minor}.${semver.patch}`)
    const edge = semver.prerelease.length ? beforePreReleases(version) : version
    return [{ operator: found || '=', version: edge }]
  })
}

/** What semver writes as 0.10.0-0: the upper end of a range leaves out the pre-releases of what follows it. */
function beforePreReleases(version: Version): Version {
  return { ...version, preRelease: [] }
}

function semverRange(text: string): Range | undefined {
  try {
    return new Range(text)
  } catch {
    return undefined
  }
}
