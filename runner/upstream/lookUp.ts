/** Asks the places where newer releases are announced: Debian's index of source packages, pages of the web. */
import { aptState } from '../sources/aptState.ts'
import { discard, get } from '../sources/http.ts'
import { PlaceFailure } from '../sources/source.ts'
import { readSourcePackages } from '../sources/sourcePackages.ts'
import { NEWEST_SUITE, newestOf, placeName, releaseOf, type UpstreamPlace, versionsOn } from './place.ts'

/** Why nothing is known is told, and is no failure of the others. */
export type Upstream = { version: string; from: string } | { reason: string; from: string }

export interface LookUpOptions {
  /** Folder of the private apt state. */
  folder: string
  /** Where the machine's configuration lies; /etc but in tests. */
  etc?: string
}

const STALL_MILLISECONDS = 20_000
/** Bytes of a page; an index of releases has less. */
const PAGE_LIMIT = 8_000_000

/** By recipe. Each page is asked once, and each suite of Debian's. */
export async function lookUp(
  places: ReadonlyMap<string, UpstreamPlace>,
  options: LookUpOptions,
): Promise<Map<string, Upstream>> {
  const suites = new Map<string, Promise<Map<string, string[]>>>()
  const pages = new Map<string, Promise<string>>()
  const debian = (suite: string) => {
    const names = [...places.values()].flatMap((place) =>
      'debian' in place && (place.suite ?? NEWEST_SUITE) === suite ? place.debian : [],
    )
    return remembered(suites, suite, () => releasesIn(suite, names, options))
  }
  const versions = async (place: UpstreamPlace) => {
    if ('debian' in place) return (await debian(place.suite ?? NEWEST_SUITE)).get(place.debian) ?? []
    return versionsOn(await remembered(pages, place.url, () => pageOf(place.url)), place.versions)
  }
  const answers = [...places].map(async ([recipe, place]): Promise<[string, Upstream]> => {
    const from = placeName(place)
    try {
      const version = newestOf(await versions(place))
      return [
        recipe,
        version === undefined ? { reason: 'no release is named there', from } : { version, from },
      ]
    } catch (error) {
      return [recipe, { reason: reasonOf(error), from }]
    }
  })
  return new Map(await Promise.all(answers))
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make()
  known.set(key, found)
  return found
}

/** Releases of source packages, by name. */
async function releasesIn(
  suite: string,
  names: readonly string[],
  { folder, etc }: LookUpOptions,
): Promise<Map<string, string[]>> {
  const { apt } = await aptState(folder, { suite, ...(etc !== undefined && { etc }) })
  const { stdout } = await apt(['apt-cache', 'showsrc', ...new Set(names)])
  const found = new Map<string, string[]>()
  for (const { name, version } of readSourcePackages(stdout)) {
    const release = releaseOf(version)
    if (release !== undefined) found.set(name, [...(found.get(name) ?? []), release])
  }
  return found
}

async function pageOf(address: string): Promise<string> {
  const { status, body } = await get(new URL(address), { headers: {}, stallMilliseconds: STALL_MILLISECONDS })
  if (status !== 200) {
    discard(body)
    throw new PlaceFailure(`it answered with status ${status}`)
  }
  let text = ''
  for await (const piece of body) {
    text += String(piece)
    if (text.length > PAGE_LIMIT) {
      discard(body)
      throw new PlaceFailure('the page is too long to be a list of releases')
    }
  }
  return text
}

/** Of the system, of apt, of the place: one line. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error
  return error.message.split('\n')[0] ?? 'it did not answer'
}
