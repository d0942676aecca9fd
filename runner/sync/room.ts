/** So many bytes of files may be in memory at a time; who wants more waits for his turn. */

export class Room {
  #free: number
  readonly #whole: number
  readonly #waiting: { bytes: number; enter: () => void }[] = []

  constructor(bytes: number) {
    this.#whole = bytes
    this.#free = bytes
  }

  /** Runs `work` with room for these bytes; with all of it for more than there is. One that waits is not overtaken. */
  async with<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(bytes, this.#whole)
    if (this.#waiting.length > 0 || taken > this.#free)
      await new Promise<void>((enter) => this.#waiting.push({ bytes: taken, enter }))
    else this.#free -= taken
    try {
      return await work()
    } finally {
      this.#free += taken
      this.#admit()
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && next.bytes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#free -= next.bytes
      next.enter()
    }
  }
}
