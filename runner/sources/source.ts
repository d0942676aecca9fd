/** What a recipe says about one source, and the places it can be had from. Called by fetch.ts; no effects. */
import { BuildStackError } from '../errors.ts'

/** The same software from somewhere else. sha256 is the source's own unless given. */
export type Alternative =
  | { url: string; file?: string | undefined; sha256?: string | undefined }
  /** A Debian source package whose upstream archive has this file name. */
  | { debian: string; suite?: string | undefined; file: string; sha256?: string | undefined }
  | { directory: string; file: string; sha256?: string | undefined }

export interface Source {
  url: string
  /** Name in the cache and on the host; the last part of the URL by default. */
  file?: string | undefined
  /** 64 hex digits; undefined when nobody has recorded it yet, and then the URL is never used. */
  sha256: string | undefined
  /** Bytes, where known. Lets a cut-off body be noticed when the server does not say its length. */
  size?: number | undefined
  alternatives: Alternative[]
}

/** What an archive must be to be used. */
export interface Wanted {
  file: string
  sha256: string
  size?: number
}

export type Origin =
  | { kind: 'url'; url: URL }
  /** suite: a release other than this machine's own. */
  | { kind: 'debian'; package: string; suite?: string | undefined }
  | { kind: 'directory'; directory: string }

/** One way to have the source; wanted is undefined while no checksum is recorded. */
export interface Place {
  origin: Origin
  file: string
  wanted: Wanted | undefined
}

/** Why one place did not give the source. The next place is tried. */
export class PlaceFailure extends Error {
  /** Set when bytes came and were not the ones wanted. */
  readonly received: string | undefined

  constructor(reason: string, received?: string) {
    super(reason)
    this.name = 'PlaceFailure'
    this.received = received
  }
}

/** The upstream URL, then the alternatives in the recipe's order. Throws CONFIG for an unusable URL or name. */
export function placesOf(source: Source): Place[] {
  const upstream = source.file === undefined ? { url: source.url } : { url: source.url, file: source.file }
  return [upstream, ...source.alternatives].map((given, index) => {
    const { origin, file } = locate(given)
    const sha256 = ('sha256' in given ? given.sha256 : undefined) ?? source.sha256
    if (sha256 === undefined) return { origin, file, wanted: undefined }
    const wanted: Wanted = { file, sha256: checkedSum(sha256, file) }
    if (index === 0 && source.size !== undefined) wanted.size = source.size
    return { origin, file, wanted }
  })
}

/** The place as a user would name it. */
export function describe({ origin, file }: Place): string {
  if (origin.kind === 'url') return origin.url.href
  if (origin.kind === 'debian')
    return `Debian's source package ${origin.package} (${[origin.suite, file].filter(Boolean).join(', ')})`
  return `${origin.directory}/${file}`
}

function locate(given: Alternative): { origin: Origin; file: string } {
  if ('debian' in given) {
    if (!/^[a-z0-9][a-z0-9+.-]+$/.test(given.debian))
      throw new BuildStackError('CONFIG', `${JSON.stringify(given.debian)} is not a Debian package name`)
    if (given.suite !== undefined && !/^[a-z][a-z-]*$/.test(given.suite))
      throw new BuildStackError(
        'CONFIG',
        `${JSON.stringify(given.suite)} is not the name of a Debian release`,
      )
    const origin = { kind: 'debian' as const, package: given.debian, suite: given.suite }
    return { origin, file: plainName(given.file) }
  }
  if ('directory' in given)
    return { origin: { kind: 'directory', directory: given.directory }, file: plainName(given.file) }
  if (!URL.canParse(given.url))
    throw new BuildStackError('CONFIG', `${JSON.stringify(given.url)} is not a URL`, {
      next: 'write it out whole: https://HOST/PATH/FILE',
    })
  const url = new URL(given.url)
  return { origin: { kind: 'url', url }, file: plainName(given.file ?? lastPart(url)) }
}

function lastPart(url: URL): string {
  const part = url.pathname.slice(url.pathname.lastIndexOf('/') + 1)
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** A name that is one path component on every system and cannot be taken for an option. */
function plainName(file: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._+~@=,-]*$/.test(file) && file.length <= 150) return file
  throw new BuildStackError('CONFIG', `${JSON.stringify(file)} cannot be the file name of a source`, {
    next: 'give the source a `file:` of letters, digits and . _ + ~ @ = , -',
  })
}

function checkedSum(sha256: string, file: string): string {
  if (/^[0-9a-f]{64}$/i.test(sha256)) return sha256.toLowerCase()
  throw new BuildStackError(
    'CONFIG',
    `sha256 of ${file}: expected 64 hex digits, got ${JSON.stringify(sha256)}`,
  )
}
