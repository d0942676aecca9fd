/** Archives of sources in the store that controllers share: sources/SHA256/FILE. They are used only with the recipe's checksum. */
import type { SharedSources } from '../sources/fetch.ts'
import type { Wanted } from '../sources/source.ts'
import { type SharedBucket, saved } from './sharedBucket.ts'

export class BucketSources implements SharedSources {
  readonly name: string
  readonly #bucket: SharedBucket
  readonly #refused = new Set<string>()

  constructor(bucket: SharedBucket) {
    this.#bucket = bucket
    this.name = `the store ${bucket.name}`
  }

  async fetch(wanted: Wanted, file: string): Promise<boolean> {
    return (await this.#bucket.read(keyOf(wanted), (found) => saved(found, file, undefined))) ?? false
  }

  refuse(wanted: Wanted, received: string): void {
    this.#refused.add(keyOf(wanted))
    this.#bucket.note(
      `the archive ${wanted.file} in ${this.#bucket.name} is refused: its sha256 is ${received}, not ${wanted.sha256}`,
    )
  }

  offer(wanted: Wanted, path: string): void {
    const key = keyOf(wanted)
    this.#bucket.write(key, { path }, { ifMissing: !this.#refused.has(key) })
  }
}

function keyOf({ sha256, file }: Wanted): string {
  return `sources/${sha256}/${file}`
}
