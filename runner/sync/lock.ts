/**
 * One writer at a time below a prefix: an object that only one client can make, and that its owner writes again every so
 * often. Who finds one that nobody wrote for long, by the server's clock, takes it over. On servers without conditional
 * writes it is checked by reading it again, which two clients at the same instant can both pass.
 */
import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { BuildStackError } from '../errors.ts'
import { isRunning } from '../local.ts'
import { type ObjectHead, type ObjectStore, Refused } from '../s3/objectStore.ts'
import { RESERVED } from './keys.ts'

/** Seconds between two writes of the owner, and those after which a lock without one is nobody's. */
export const RENEW_SECONDS = 30
export const STALE_SECONDS = 180
/** For a server without conditions: longer than two writes at the same instant take. */
const SETTLE_MS = 1500

export interface LockOwner {
  /** A machine and a profile. */
  by: string
  user: string
  host: string
  pid: number
  /** As ISO text, by the owner's clock: for people. */
  since: string
  /** Tells two locks of the same owner apart. */
  id: string
}

export interface LockOptions {
  onNote?: (text: string) => void
  renewSeconds?: number
  staleSeconds?: number
}

export interface Lock {
  /** Aborted when somebody else took it over: nothing more may be written. */
  signal: AbortSignal
  /** Gives it back, if it still is ours. */
  release(): Promise<void>
}

/** @throws LOCKED when another client has it, with who it is. Tells the store which conditions the server knows. */
export async function takeLock(
  store: ObjectStore,
  prefix: string,
  by: string,
  options: LockOptions = {},
): Promise<Lock> {
  const key = `${prefix}${RESERVED}lock`
  const owner: LockOwner = {
    by,
    user: userInfo().username,
    host: hostname(),
    pid: process.pid,
    since: new Date().toISOString(),
    id: randomUUID(),
  }
  const lock = new HeldLock(store, key, owner, options)
  await lock.take()
  return lock
}

class HeldLock implements Lock {
  readonly #store: ObjectStore
  readonly #key: string
  readonly #owner: LockOwner
  readonly #lost = new AbortController()
  readonly #onNote: (text: string) => void
  readonly #renewSeconds: number
  readonly #staleSeconds: number
  #etag = ''
  #timer: NodeJS.Timeout | undefined
  #renewing: Promise<void> = Promise.resolve()
  #count = 0

  constructor(store: ObjectStore, key: string, owner: LockOwner, options: LockOptions) {
    this.#store = store
    this.#key = key
    this.#owner = owner
    this.#onNote = options.onNote ?? (() => {})
    this.#renewSeconds = options.renewSeconds ?? RENEW_SECONDS
    this.#staleSeconds = options.staleSeconds ?? STALE_SECONDS
  }

  get signal(): AbortSignal {
    return this.#lost.signal
  }

  async take(): Promise<void> {
    this.#store.conditions = 'quoted'
    if (!(await this.#written('absent'))) {
      const head = await this.#store.head(this.#key)
      if (head) await this.#takeOver(head)
      // It was given back just now.
      else if (!(await this.#written('absent'))) throw await this.#locked()
    } else await this.#learnConditions()
    this.#timer = setInterval(() => {
      this.#renewing = this.#renewing.then(() => this.#renew())
    }, this.#renewSeconds * 1000).unref()
  }

  async release(): Promise<void> {
    clearInterval(this.#timer)
    await this.#renewing
    const head = this.#lost.signal.aborted ? undefined : await this.#store.head(this.#key)
    if (head?.etag === this.#etag) await this.#store.remove([this.#key])
  }

  /** Whether the server took it. */
  async #written(guard: 'absent' | { etag: string }): Promise<boolean> {
    this.#count += 1
    const body = Buffer.from(JSON.stringify({ ...this.#owner, written: this.#count }))
    try {
      const metadata = { type: 'lock' }
      this.#etag = await this.#store.put(this.#key, body, {
        metadata,
        guard,
        headers: { contentType: 'application/json' },
      })
      return true
    } catch (error) {
      if (error instanceof Refused) return false
      if (!knowsNoConditions(error)) throw error
      this.#store.conditions = 'none'
      return this.#written(guard)
    }
  }

  /** What the server makes of conditions that hold, and of one that does not. */
  async #learnConditions(): Promise<void> {
    const mine = this.#etag
    if (this.#store.conditions === 'none' || (await this.#written('absent'))) {
      this.#store.conditions = 'none'
      this.#onNote('this server has no conditional writes: the lock is checked by reading it again')
      await sleep(SETTLE_MS)
      if ((await this.#readOwner())?.id !== this.#owner.id) throw await this.#locked()
      return
    }
    for (const form of ['quoted', 'bare'] as const) {
      this.#store.conditions = form
      if (await this.#written({ etag: mine })) return
    }
    throw await this.#locked()
  }

  async #takeOver(head: ObjectHead): Promise<void> {
    const owner = await this.#readOwner()
    const gone = owner?.host === hostname() && !isRunning(owner.pid)
    if (!gone && (await this.#age(head)) < this.#staleSeconds) throw await this.#locked()
    this.#onNote(
      `took over the lock of ${shown(owner)}, which ${gone ? 'does not run any more' : 'was not renewed'}`,
    )
    for (const form of ['quoted', 'bare'] as const) {
      this.#store.conditions = form
      if (await this.#written({ etag: head.etag })) return this.#learnConditions()
    }
    throw await this.#locked()
  }

  /** Seconds since the owner wrote it, both by the server's clock: this machine's may be wrong. */
  async #age(head: ObjectHead): Promise<number> {
    const key = `${this.#key}-clock-${this.#owner.id}`
    await this.#store.put(key, Buffer.alloc(0), { metadata: {} })
    const now = await this.#store.head(key)
    await this.#store.remove([key])
    return now ? (now.modified.getTime() - head.modified.getTime()) / 1000 : 0
  }

  async #renew(): Promise<void> {
    try {
      const before = this.#etag
      if (await this.#written({ etag: before })) return
      // An answer that got lost looks like somebody else's write.
      const head = await this.#store.head(this.#key)
      if (head && (await this.#readOwner())?.id === this.#owner.id) this.#etag = head.etag
      else this.#lost.abort(await this.#locked())
    } catch {
      // The server does not answer: the requests that matter will say so.
    }
  }

  async #readOwner(): Promise<LockOwner | undefined> {
    try {
      const { body } = await this.#store.get(this.#key)
      return (await json(body)) as LockOwner
    } catch {
      return undefined
    }
  }

  async #locked(): Promise<BuildStackError> {
    return new BuildStackError('LOCKED', `${shown(await this.#readOwner())} is syncing there`, {
      next: `Run it again when that has ended. A lock that is not renewed for ${this.#staleSeconds} s is taken over.`,
    })
  }
}

function shown(owner: LockOwner | undefined): string {
  if (!owner) return 'another client'
  return `${owner.by} (${owner.user}@${owner.host}, process ${owner.pid}, since ${owner.since})`
}

function knowsNoConditions(error: unknown): boolean {
  const cause = error instanceof BuildStackError ? (error.cause as { name?: string } | undefined) : undefined
  return cause?.name === 'NotImplemented'
}
