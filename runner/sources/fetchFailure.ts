/** The errors that fetchSource ends in, with what to do next. No effects. */
import { join, resolve } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { cachePath } from './cache.ts'
import type { Attempt, FetchOptions } from './fetch.ts'
import { describe, type Place } from './source.ts'

export function noChecksum(places: Place[], { recipe }: FetchOptions): BuildStackError {
  const [first] = places
  const file = first?.file ?? ''
  return new BuildStackError('SOURCE', `no checksum is recorded for ${file}, so it is not used`, {
    recipe,
    next:
      `fetch ${first ? describe(first) : file}, compare it with what upstream publishes about it, ` +
      `then: ${recordCommand(recipe, file)}`,
  })
}

/** Lists each place with its reason. */
export function allFailed(places: Place[], failed: Attempt[], options: FetchOptions): BuildStackError {
  const file = places[0]?.file ?? ''
  const wrong = failed.find(({ received }) => received !== undefined)
  const headline = wrong ? `${file} is not what its checksum says` : `${file} could not be had from anywhere`
  const reasons = failed.map(({ place, reason }) => `  ${place}: ${reason}`)
  return new BuildStackError('SOURCE', [`${headline}:`, ...reasons].join('\n'), {
    recipe: options.recipe,
    next: wrong
      ? `if upstream really published another archive, check it, then: ${recordCommand(options.recipe, file)}`
      : putItThere(places, options),
  })
}

function putItThere(places: Place[], { cache, offline, sourceFolder }: FetchOptions): string {
  const wanted = places.find((place) => place.wanted)?.wanted
  if (!wanted) return 'add an alternative to the recipe'
  const path = sourceFolder === undefined ? cachePath(cache, wanted) : join(sourceFolder, wanted.file)
  return `put the archive at ${resolve(path)}${offline ? ', or run again without --offline' : ', or add an alternative to the recipe'}`
}

function recordCommand(recipe: string, file: string): string {
  return `build-stack checksum ${recipe} ${file}`
}
