/** What there is only so much of at a time, bytes of memory or sessions of a connection: who finds too little waits. */

export class Room {
  #free: number
  readonly #whole: number
  readonly #waiting: { taken: number; enter: () => void }[] = []

  constructor(whole: number) {
    this.#whole = whole
    this.#free = whole
  }

  /** Runs `work` with so much of it; with all for more than there is. One that waits is not overtaken. */
  async with<T>(amount: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(amount, this.#whole)
    if (this.#waiting.length > 0 || taken > this.#free)
      await new Promise<void>((enter) => this.#waiting.push({ taken, enter }))
    else this.#free -= taken
    try {
      return await work()
    } finally {
      this.#free += taken
      this.#admit()
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && next.taken <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#free -= next.taken
      next.enter()
    }
  }
}
