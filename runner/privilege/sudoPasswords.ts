/**
 * The passwords for sudo that a run was given: asked for once for all hosts of the same user, and again where one was
 * wrong. They are in this process's memory, and nowhere else.
 */
import type { AskSecret } from '../transports/identities.ts'

interface Answer {
  password: Promise<string | undefined>
  /** Some host has taken it: where it is wrong, the host has another one. */
  proven: boolean
}

export class SudoPasswords {
  readonly #ask: AskSecret | undefined
  readonly #answers = new Map<string, Answer>()

  /** `ask` is undefined without a terminal. */
  constructor(ask: AskSecret | undefined) {
    this.#ask = ask
  }

  /** Undefined when nobody can be asked, or answers. `wrong` is what the host refused before. */
  async get(user: string, host: string, wrong?: string): Promise<string | undefined> {
    const known = this.#answers.get(user)
    const again = wrong === undefined ? '' : 'That was wrong. '
    if (known) {
      const password = await known.password
      if (password !== wrong) return password
      if (known.proven) return this.#ask?.(`${again}Password of ${user} for sudo on ${host}: `)
      // Another host may have asked meanwhile.
      if (this.#answers.get(user) !== known) return this.get(user, host, wrong)
    }
    const password = this.#ask?.(`${again}Password of ${user} for sudo: `) ?? Promise.resolve(undefined)
    this.#answers.set(user, { password, proven: false })
    return password
  }

  /** The host has taken it. */
  async prove(user: string, password: string): Promise<void> {
    const known = this.#answers.get(user)
    if (known && (await known.password) === password) known.proven = true
  }
}
