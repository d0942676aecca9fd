/**
 * Restored files on a host, over its SSH connection: what is there is asked for by some hundred, small files go there together,
 * large ones piece by piece, and none is in memory whole. Everything may be told twice, when the line breaks.
 */
import { createHash } from 'node:crypto'
import type { ObjectStore } from '../s3/objectStore.ts'
import { FileProblem, fileProblem } from './fileProblem.ts'
import { type Answers, answersOf, archiveOf, type Deed, MB } from './hostBatch.ts'
import { asText, type HostFile, parseListing } from './hostListing.ts'
import type { HostScripts } from './hostScripts.ts'
import { inParallel } from './inParallel.ts'
import { bytesOf, checkOf, contentOf, damaged, isRight } from './objectBytes.ts'
import {
  attributesOf,
  decide,
  deepestFirst,
  type Found,
  modeOfFolder,
  type Outcome,
  partName,
  type RestoreTarget,
  sizeOf,
  type TargetOptions,
  type Tell,
} from './restoreTarget.ts'

/** Bytes of a command: files up to this size go together, larger ones in pieces of it. */
const PIECE = 8 * MB
const DEEDS_AT_ONCE = 500
/** Commands at a time, each with a piece in memory. */
const AT_ONCE = 4
/** Objects of a command that are fetched at a time. */
const BODIES_AT_ONCE = 8
/** Places that one command looks at. */
const LOOKS_AT_ONCE = 2000

/** What is to be done for one, and how it went if it is done. */
interface Doing {
  found: Found
  deed: Deed
  outcome: Outcome
}

/** One that has to be made, and what it is to the one who looks at it. */
interface Due {
  found: Found
  outcome: Outcome
  /** Bytes of it that are there from an earlier run. */
  there: number
}

export class HostTarget implements RestoreTarget {
  readonly #scripts: HostScripts
  readonly #store: ObjectStore
  readonly #options: TargetOptions
  readonly #client: string

  /** `me`: this machine and profile; what is on its way is named by it. */
  constructor(scripts: HostScripts, store: ObjectStore, me: string, options: TargetOptions) {
    this.#scripts = scripts
    this.#store = store
    this.#options = options
    this.#client = createHash('sha256').update(me).digest('hex').slice(0, 12)
  }

  async files(found: readonly Found[], tell: Tell): Promise<void> {
    for (const [base, some] of byBase(this.#sayable(found, tell))) {
      const standing = await this.#look(base, some.flatMap(placesOf))
      const due: Due[] = []
      const modes: Found[] = []
      for (const one of some) {
        try {
          const decision = decide(standing.get(one.wanted.path), one.record, this.#options.overwrite)
          if (decision === 'mode') modes.push(one)
          else if (decision === 'same') tell(one, 'same')
          else due.push({ found: one, outcome: decision, there: standing.get(partPath(one))?.size ?? 0 })
        } catch (error) {
          tell(one, { error })
        }
      }
      if (this.#options.dryRun) {
        for (const one of modes) tell(one, 'same')
        for (const { found: one, outcome } of due) tell(one, outcome)
        continue
      }
      const attributes = modes.map((one): Doing => {
        const deed: Deed = { kind: 'mode', path: one.wanted.path, mode: attributesOf(one).mode }
        return { found: one, deed, outcome: 'same' }
      })
      await this.#do(base, attributes, tell)
      const isSmall = ({ found: one }: Due) => sizeOf(one) <= PIECE
      const work = [
        ...batches(due.filter(isSmall)).map((batch) => () => this.#batch(base, batch, tell)),
        ...due.filter((one) => !isSmall(one)).map((one) => () => this.#large(base, one, tell)),
      ]
      await inParallel(work, AT_ONCE, (step) => {
        this.#options.signal.throwIfAborted()
        return step()
      })
    }
  }

  async folders(found: readonly Found[], tell: Tell): Promise<void> {
    for (const [base, some] of byBase(this.#sayable(found, tell))) {
      const standing = await this.#look(
        base,
        some.map(({ wanted }) => wanted.path),
      )
      const doings: Doing[] = []
      for (const one of deepestFirst(some)) {
        const there = standing.get(one.wanted.path)
        const mode = modeOfFolder(one)
        if (there?.type === 'folder' && there.mode === mode) tell(one, 'same')
        else if (there && there.type !== 'folder')
          tell(one, { error: new FileProblem('there is something else in the place of a folder') })
        else if (this.#options.dryRun) tell(one, 'restore')
        else
          doings.push({
            found: one,
            deed: { kind: 'folder', path: one.wanted.path, mode },
            outcome: 'restore',
          })
      }
      await this.#do(base, doings, tell)
    }
  }

  /** Those whose names a host can be told, a line each. */
  #sayable(found: readonly Found[], tell: Tell): Found[] {
    return found.filter((one) => {
      if (!one.wanted.path.includes('\n')) return true
      tell(one, { error: new FileProblem('its name has a line break') })
      return false
    })
  }

  /** What is there, by its path. */
  async #look(base: string, paths: readonly string[]): Promise<Map<string, HostFile>> {
    const standing = new Map<string, HostFile>()
    for (const some of parted(paths, LOOKS_AT_ONCE)) {
      const lines = some.map((path) => `./${path}\n`).join('')
      const output = await this.#scripts.run('sync-look.sh', { base }, Buffer.from(lines))
      for (const file of this.#scripts.understood(output, parseListing)?.files ?? []) {
        const [path, target] = [asText(file.path), asText(file.target ?? '')]
        if (path !== undefined) standing.set(path.slice(2), target ? { ...file, target } : file)
      }
    }
    return standing
  }

  async #batch(base: string, batch: readonly Due[], tell: Tell): Promise<void> {
    const doings: Doing[] = []
    await inParallel(batch, BODIES_AT_ONCE, async ({ found, outcome }) => {
      try {
        doings.push({ found, deed: await this.#deed(found), outcome })
      } catch (error) {
        if (fileProblem(error) === undefined) throw error
        tell(found, { error })
      }
    })
    await this.#do(base, doings, (found, went) => {
      this.#options.onBytes(sizeOf(found))
      tell(found, went)
    })
  }

  async #do(base: string, doings: readonly Doing[], tell: Tell): Promise<void> {
    for (const some of parted(doings, DEEDS_AT_ONCE)) {
      const answers = await this.#write(
        base,
        some.map(({ deed }) => deed),
      )
      for (const [index, { found, outcome }] of some.entries()) {
        const why = answers[index]
        tell(found, why === undefined ? outcome : { error: problemOf(why) })
      }
    }
  }

  async #deed(found: Found): Promise<Deed> {
    const content = await contentOf(this.#store, found, this.#options.signal)
    const { path } = found.wanted
    const { mode, mtime } = attributesOf(found)
    if (found.record?.type !== 'link') return { kind: 'file', path, content, mode, mtime }
    const target = content.toString()
    if (target.includes('\n')) throw new FileProblem('where it leads has a line break')
    return { kind: 'link', path, target, mtime }
  }

  async #large(base: string, { found, outcome, there }: Due, tell: Tell): Promise<void> {
    try {
      await this.#inPieces(base, found, there)
      tell(found, outcome)
    } catch (error) {
      if (fileProblem(error) === undefined) throw error
      tell(found, { error })
    }
  }

  async #inPieces(base: string, found: Found, there: number): Promise<void> {
    const { signal, onBytes } = this.#options
    const id = partName(found)
    // What is packed is unpacked here, and of what has no record nothing but its whole content tells whether it is right.
    const isResumable = found.record !== undefined && !found.record.packed && there <= sizeOf(found)
    const from = isResumable ? Math.floor(there / MB) * MB : 0
    const bytes = found.record?.packed
      ? [await contentOf(this.#store, found, signal)]
      : bytesOf(this.#store, found, from, signal)
    const check = found.record ? undefined : checkOf(found)
    const whole = createHash('sha256')
    let at = from
    onBytes(from)
    for await (const content of inPieces(bytes, PIECE)) {
      signal.throwIfAborted()
      check?.hash.update(content)
      if (!found.record) whole.update(content)
      await this.#one(base, { kind: 'part', id, at, content })
      at += content.length
      onBytes(content.length)
    }
    if (at !== sizeOf(found) || !isRight(check)) {
      await this.#one(base, { kind: 'drop', id })
      throw damaged()
    }
    const sha256 = found.record?.sha256 ?? whole.digest('hex')
    await this.#one(base, { kind: 'end', id, path: found.wanted.path, sha256, ...attributesOf(found) })
  }

  async #one(base: string, deed: Deed): Promise<void> {
    const [why] = await this.#write(base, [deed])
    if (why !== undefined) throw problemOf(why)
  }

  async #write(base: string, deeds: readonly Deed[]): Promise<Answers> {
    const output = await this.#scripts.run('sync-write.sh', { base, client: this.#client }, archiveOf(deeds))
    const answers = this.#scripts.understood(output, (text) => answersOf(text, deeds.length))
    if ('stopped' in answers) throw this.#scripts.failure([answers.stopped])
    return answers
  }
}

function problemOf(why: string): FileProblem {
  return why === 'damaged' ? damaged() : new FileProblem(why)
}

/** Where host/sync-write.sh has a part. */
function partPath(found: Found): string {
  return `.build-stack-restore/${partName(found)}.part`
}

function placesOf(found: Found): string[] {
  return sizeOf(found) > PIECE ? [found.wanted.path, partPath(found)] : [found.wanted.path]
}

function byBase(found: readonly Found[]): Map<string, Found[]> {
  const groups = new Map<string, Found[]>()
  for (const one of found) {
    const group = groups.get(one.wanted.base)
    if (group) group.push(one)
    else groups.set(one.wanted.base, [one])
  }
  return groups
}

/** Of small files: what one command can have. */
function batches(due: readonly Due[]): Due[][] {
  const all: Due[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const one of due) {
    const size = sizeOf(one.found)
    const last = all.at(-1)
    if (last && bytes + size <= PIECE && last.length < DEEDS_AT_ONCE) {
      last.push(one)
      bytes += size
    } else {
      all.push([one])
      bytes = size
    }
  }
  return all
}

function parted<T>(all: readonly T[], count: number): T[][] {
  const parts: T[][] = []
  for (let i = 0; i < all.length; i += count) parts.push(all.slice(i, i + count))
  return parts
}

/** The same bytes in pieces of this size; the last one may be shorter. */
async function* inPieces(bytes: AsyncIterable<Buffer> | Buffer[], size: number): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = []
  let length = 0
  for await (const piece of bytes) {
    let rest = piece
    while (length + rest.length >= size) {
      const head = rest.subarray(0, size - length)
      yield Buffer.concat([...waiting, head])
      rest = rest.subarray(head.length)
      waiting = []
      length = 0
    }
    if (rest.length > 0) waiting.push(rest)
    length += rest.length
  }
  if (length > 0) yield Buffer.concat(waiting)
}
