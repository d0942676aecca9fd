/** What was made for one host is there for the next: most of what hosts want is equal, and made of the same recipes. */

/** Values by the object that they are made of, and a key that tells all else that they depend on. */
export class Remembered<Owner extends object, Value> {
  readonly #known = new WeakMap<Owner, Map<string, Value>>()

  /** What `make` throws is not remembered: a message names the host. */
  get(owner: Owner, key: string, make: () => Value): Value {
    let values = this.#known.get(owner)
    if (!values) {
      values = new Map()
      this.#known.set(owner, values)
    }
    const known = values.get(key)
    if (known !== undefined) return known
    const made = make()
    values.set(key, made)
    return made
  }
}
