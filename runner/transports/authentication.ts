/** The order in which a login is tried: keys, then keyboard-interactive, then a password. */
import type { AskSecret, Identity } from './identities.ts'
import { printable } from './printable.ts'
import {
  type AnyAuthMethod,
  BaseAgent,
  type IdentityCallback,
  type SignCallback,
  type SigningRequestOptions,
} from './ssh2.ts'

export interface Login {
  user: string
  /** For prompts: "user@address". */
  account: string
  identities: Identity[]
  askSecret: AskSecret | undefined
  /** What the host said that it accepts, as of its last answer; undefined before the first. */
  offered: string[] | undefined
  /** What was tried, for the error. */
  tried: string[]
}

const PASSWORD_ATTEMPTS = 3

/** The attempts one after another; each is asked for only when the one before it failed. */
export async function* loginAttempts(login: Login): AsyncGenerator<AnyAuthMethod, void> {
  const { user, identities, askSecret } = login
  const offers = (method: string) => login.offered?.includes(method) ?? true
  // With nothing to try, one empty attempt still tells what the host would accept.
  if (identities.length === 0 && !askSecret) yield { type: 'none', username: user }
  for (const identity of identities) {
    // After a key was accepted as the first of two factors, the host no longer offers keys.
    if (!offers('publickey')) break
    login.tried.push(identity.label)
    yield { type: 'agent', username: user, agent: new OneKeyAgent(identity) }
  }
  if (!askSecret) return
  let answered = true
  for (
    let attempt = 0;
    attempt < PASSWORD_ATTEMPTS && answered && offers('keyboard-interactive');
    attempt++
  ) {
    if (attempt === 0) login.tried.push('keyboard-interactive')
    yield {
      type: 'keyboard-interactive',
      username: user,
      prompt(_name, _instructions, _language, prompts, finish) {
        void answerPrompts(
          login,
          prompts.map((p) => p.prompt),
        ).then((answers) => {
          answered = answers.length === prompts.length
          finish(answers)
        })
      },
    }
  }
  for (let attempt = 0; attempt < PASSWORD_ATTEMPTS && answered && offers('password'); attempt++) {
    if (attempt === 0) login.tried.push('password')
    const password = await askSecret(`Password of ${login.account}: `)
    if (password === undefined) return
    yield { type: 'password', username: user, password }
  }
}

/** As many answers as the user gave. */
async function answerPrompts(login: Login, prompts: string[]): Promise<string[]> {
  const answers: string[] = []
  for (const prompt of prompts) {
    // The account stands before the host's own words, so that they cannot pass for another program's.
    const answer = await login.askSecret?.(`(${login.account}) ${printable(prompt)}`)
    if (answer === undefined) break
    answers.push(answer)
  }
  return answers
}

/**
 * An agent with one key. ssh2 asks agents for signatures asynchronously, which lets a passphrase be asked for
 * after the host has said that it would accept the key; and with one key for each attempt the host's answer
 * is seen between them.
 */
class OneKeyAgent extends BaseAgent<Buffer> {
  readonly #identity: Identity

  constructor(identity: Identity) {
    super()
    this.#identity = identity
  }

  getIdentities(done: IdentityCallback<Buffer>): void {
    this.#identity.publicKey().then((key) => done(null, key ? [key] : []), done)
  }

  sign(_key: Buffer, data: Buffer, options: SigningRequestOptions | SignCallback, done?: SignCallback): void {
    const callback = typeof options === 'function' ? options : done
    const hash = typeof options === 'function' ? undefined : options.hash
    this.#identity.sign(data, hash).then(
      (signature) => callback?.(null, signature),
      (error) => callback?.(error),
    )
  }
}
