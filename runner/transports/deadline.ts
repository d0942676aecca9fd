/** A time limit that starts anew with each stage and stands still while a person is asked something. */
export class Deadline {
  readonly #milliseconds: number
  #timer: NodeJS.Timeout | undefined
  #expire: (() => void) | undefined
  #pauses = 0

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds
  }

  /** Gives the full time again, and from now on calls `expire` at its end (the same as before without one). */
  restart(expire?: () => void): void {
    this.#expire = expire ?? this.#expire
    clearTimeout(this.#timer)
    if (this.#pauses === 0) this.#timer = setTimeout(() => this.#expire?.(), this.#milliseconds)
  }

  /** The value of `work`, during which no time passes. */
  async pausedFor<T>(work: T | Promise<T>): Promise<T> {
    this.#pauses++
    clearTimeout(this.#timer)
    try {
      return await work
    } finally {
      this.#pauses--
      if (this.#expire) this.restart()
    }
  }

  stop(): void {
    this.#expire = undefined
    clearTimeout(this.#timer)
  }
}
