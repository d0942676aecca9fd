/**
 * The order of the versions that software really has. Semantic versions are ordered as semver orders them, with
 * three exceptions, because upstreams mean something else by them:
 * - `1.4.6-2`: digits after the dash are a later packaging of 1.4.6, not something before it;
 * - `2.1.12-stable`, `-final`, `-release`, `-ga` are the release itself; `-p1`, `-pl1`, `-patch1` come after it;
 * - `rc10` comes after `rc2`: digits within a word count as a number.
 * `2.5` and `2.5.0` are the same version, as are `1.02` and `1.2`. What follows a `+` does not count.
 */

export interface Version {
  /** Of the dotted release: digits without leading zeros, trailing zeros removed. */
  numbers: string[]
  /** A letter after it, later than the release: m of 0.9.7m, zg of 1.0.2zg, [p, 1] of 9.0.1p1. */
  patchLevel: Token[]
  /** rc1, beta.2; undefined for a release. An empty list comes before every pre-release. */
  preRelease: Token[] | undefined
  /** The packaging: 2 of 1.4.6-2. */
  revision: string[]
}

type Token = { digits: string } | { word: string }

const RELEASE = /^[vV]?(\d+(?:\.\d+)*)/
const BUILD = /\+[0-9A-Za-z.-]+$/
/** A word and a number that follow the digits: b3, rc1, m, p1, .dev2, .r1201 */
const ATTACHED = /^([._]?)([A-Za-z]+)[._]?(\d*)(?=$|[-~_])/
const REVISION = /^[-_](\d+(?:\.\d+)*)(?=$|[-~])/
const SUFFIX = /^[-.~]([0-9A-Za-z][0-9A-Za-z.-]*|[A-Za-z-][0-9A-Za-z.-]*)$/

const THE_RELEASE = /^(?:stable|final|release|ga)$/i
const PATCH_WORD = /^(?:p|pl|patch|sp|post)\.?(\d+)$/i
const PRE_RELEASE_WORD = /^(?:alpha|beta|rc|pre|preview|dev|snapshot)$/i
/** Python's short words, only with a number: 2.0b3 is a beta and 1.4.14b a patch level. */
const SHORT_WORDS: Record<string, string> = { a: 'alpha', b: 'beta', c: 'rc' }

/** A run compares the same few versions again and again. */
const known = new Map<string, Version | undefined>()

function parse(text: string): Version | undefined {
  if (!known.has(text)) known.set(text, read(text))
  return known.get(text)
}

export function isVersion(text: string): boolean {
  return parse(text) !== undefined
}

/** Throws a TypeError for what is not a version: isVersion is asked where it comes in. */
export function parseVersion(text: string): Version {
  const version = parse(text)
  if (!version) throw new TypeError(`${JSON.stringify(text)} is not a version`)
  return version
}

/** Negative when a is the older, positive when it is the newer, 0 when both mean the same version. */
export function compareVersions(a: string, b: string): number {
  return a === b ? 0 : compareParsed(parseVersion(a), parseVersion(b))
}

export function compareParsed(a: Version, b: Version): number {
  return (
    compareLists(a.numbers, b.numbers, compareDigits) ||
    compareLists(a.patchLevel, b.patchLevel, compareTokens) ||
    comparePreReleases(a.preRelease, b.preRelease) ||
    compareLists(a.revision, b.revision, compareDigits)
  )
}

function read(text: string): Version | undefined {
  const release = RELEASE.exec(text)
  if (!release) return undefined
  const version: Version = {
    numbers: withoutTrailingZeros((release[1] ?? '').split('.').map(plainDigits)),
    patchLevel: [],
    preRelease: undefined,
    revision: [],
  }
  let rest = text.slice(release[0].length).replace(BUILD, '')
  const attached = ATTACHED.exec(rest)
  if (attached) {
    const [all, dot = '', word = '', digits = ''] = attached
    // "1.2.x" is a range, not a version; "1.2.3.GA" and "1.2.3.r7" are versions.
    if (dot && !digits && !THE_RELEASE.test(word) && !PRE_RELEASE_WORD.test(word)) return undefined
    readAttached(version, word, digits)
    rest = rest.slice(all.length)
  }
  return readSuffixes(version, rest) ? version : undefined
}

function readAttached(version: Version, word: string, digits: string): void {
  const number = digits ? [{ digits: plainDigits(digits) }] : []
  const long = digits ? SHORT_WORDS[word.toLowerCase()] : undefined
  if (long) version.preRelease = [{ word: long }, ...number]
  else if (PRE_RELEASE_WORD.test(word)) version.preRelease = [{ word: word.toLowerCase() }, ...number]
  else if (digits || !THE_RELEASE.test(word)) version.patchLevel = [{ word: word.toLowerCase() }, ...number]
}

function readSuffixes(version: Version, text: string): boolean {
  let rest = text
  const revision = REVISION.exec(rest)
  if (revision) {
    version.revision = withoutTrailingZeros((revision[1] ?? '').split('.').map(plainDigits))
    rest = rest.slice(revision[0].length)
  }
  if (rest === '') return true
  const suffix = SUFFIX.exec(rest)?.[1]
  if (suffix === undefined || revision || version.preRelease) return false
  const patch = PATCH_WORD.exec(suffix)
  if (THE_RELEASE.test(suffix)) return true
  if (patch && version.patchLevel.length === 0) {
    version.patchLevel = [{ word: 'p' }, { digits: plainDigits(patch[1] ?? '') }]
    return true
  }
  version.preRelease = tokens(suffix)
  return true
}

function tokens(text: string): Token[] {
  return (text.match(/\d+|[A-Za-z-]+/g) ?? []).map((part) =>
    /\d/.test(part) ? { digits: plainDigits(part) } : { word: part },
  )
}

function plainDigits(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '')
}

function withoutTrailingZeros(numbers: string[]): string[] {
  const last = numbers.findLastIndex((number) => number !== '0')
  return numbers.slice(0, last + 1)
}

function compareLists<T>(a: T[], b: T[], compare: (x: T, y: T) => number): number {
  for (const [i, x] of a.entries()) {
    const y = b[i]
    if (y === undefined) return 1
    const order = compare(x, y)
    if (order) return order
  }
  return a.length - b.length
}

/** As text, because a date with a time has more digits than a number holds exactly. */
function compareDigits(a: string, b: string): number {
  return a.length - b.length || compareText(a, b)
}

function compareTokens(a: Token, b: Token): number {
  if ('digits' in a) return 'digits' in b ? compareDigits(a.digits, b.digits) : -1
  return 'digits' in b ? 1 : compareText(a.word, b.word)
}

function comparePreReleases(a: Token[] | undefined, b: Token[] | undefined): number {
  if (!a || !b) return Number(!a) - Number(!b)
  return compareLists(a, b, compareTokens)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
