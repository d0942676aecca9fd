/**
 * Builds that several hosts of one run need: the first host builds, the others wait for its package. A host whose
 * waiting was in vain builds by itself.
 */

export class SharedBuilds {
  readonly #begun = new Map<string, Promise<boolean>>()
  readonly #wanted = new Map<string, number>()

  /** Each host says what it will need before any of them starts. */
  want(name: string): void {
    this.#wanted.set(name, (this.#wanted.get(name) ?? 0) + 1)
  }

  /** Whether another host of this run needs the package too. */
  isShared(name: string): boolean {
    return (this.#wanted.get(name) ?? 0) > 1
  }

  /**
   * Resolves to whether another host's build put the package into the store, at once for a build that is over: a host may
   * get here late. Undefined when nobody began one.
   */
  elsewhere(name: string): Promise<boolean> | undefined {
    return this.#begun.get(name)
  }

  /** `build` resolves to whether the package is in the store then. */
  async build<T>(name: string, build: () => Promise<{ result: T; stored: boolean }>): Promise<T> {
    let settle = (_stored: boolean) => {}
    this.#begun.set(
      name,
      new Promise((resolve) => {
        settle = resolve
      }),
    )
    try {
      const { result, stored } = await build()
      settle(stored)
      return result
    } finally {
      settle(false)
    }
  }
}
