/** Promises for "when this holds": what waits for it is told after each change by `check`. */
export interface Waiters {
  until(condition: () => boolean): Promise<void>
  /** Lets go on whoever's condition holds now. */
  check(): void
}

export function waiters(): Waiters {
  const waiting = new Map<() => boolean, () => void>()
  return {
    until(condition) {
      if (condition()) return Promise.resolve()
      return new Promise((resolve) => waiting.set(condition, resolve))
    },
    check() {
      for (const [condition, resolve] of waiting) {
        if (!condition()) continue
        waiting.delete(condition)
        resolve()
      }
    },
  }
}
