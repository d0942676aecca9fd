/** One SSH connection over a socket: handshake, host key, login. Fails with one CONNECT error that says why. */
import type { Duplex } from 'node:stream'
import { furtherAlgorithms } from './algorithms.ts'
import { loginAttempts } from './authentication.ts'
import {
  type Evidence,
  type Hop,
  handshakeError,
  interruptedError,
  loginError,
  type Stage,
  timeoutError,
} from './connectError.ts'
import { Deadline } from './deadline.ts'
import { hostKeyCheck } from './hostKeys.ts'
import { type Identity, type IdentityProblem, loadIdentities, type SignatureHash } from './identities.ts'
import type { SshInteraction } from './ssh.ts'
import { type AuthHandlerMiddleware, Client, type SshClient } from './ssh2.ts'
import type { SshTarget } from './transport.ts'

/** How many unanswered keepalives make a connection dead. */
const KEEPALIVES = 3
const GREETING_BYTES = 255
const METHODS = /^Inbound: Received USERAUTH_FAILURE \((.*)\)$/

/**
 * Resolves when the login succeeded. The socket is opened meanwhile by `connect`, which is called at once, so
 * that reading keys and known hosts costs no time of its own.
 */
export async function openConnection(
  hop: Hop,
  interaction: SshInteraction,
  connect: () => Promise<Duplex>,
  signal: AbortSignal | undefined,
): Promise<SshClient> {
  const { target } = hop
  const deadline = new Deadline(target.connectTimeoutSeconds * 1000)
  // A person at a prompt may take his time.
  const askSecret =
    interaction.askSecret && ((prompt: string) => deadline.pausedFor(interaction.askSecret?.(prompt)))
  const problems: IdentityProblem[] = []
  const opening = connect()
  opening.catch(() => {})
  const [hostKey, identities] = await Promise.all([
    hostKeyCheck(hop, interaction),
    loadIdentities(target, askSecret, problems),
  ]).catch((error) => {
    void opening.then(
      (socket) => socket.destroy(),
      () => {},
    )
    throw error
  })
  const socket = await opening

  const login = {
    user: target.user,
    account: `${target.user}@${target.address}`,
    identities: identities.map((identity) => ({
      ...identity,
      sign(data: Buffer, hash: SignatureHash) {
        if (hash === 'sha1' && target.algorithms !== 'legacy') return refuseSha1(identity, target, problems)
        // An agent may ask too, or wait for a touch of a key.
        return deadline.pausedFor(identity.sign(data, hash))
      },
    })),
    askSecret,
    offered: undefined as string[] | undefined,
    tried: [] as string[],
  }
  const evidence: Evidence = { stage: 'greeting', greeting: '', debugLines: [] }
  const attempts = loginAttempts(login)
  const client = new Client()

  return new Promise<SshClient>((resolve, reject) => {
    let settled = false
    const settle = (act: () => void) => {
      if (settled) return
      settled = true
      deadline.stop()
      signal?.removeEventListener('abort', abort)
      socket.off('data', recordGreeting)
      act()
    }
    const fail = (error: unknown) =>
      settle(() => {
        reject(error)
        client.destroy()
        socket.destroy()
      })
    const abort = () => fail(interruptedError(hop, signal?.reason))
    const reach = (stage: Stage) => {
      evidence.stage = stage
      deadline.restart(() => fail(timeoutError(hop, stage)))
    }
    const recordGreeting = (piece: Buffer) => {
      if (evidence.greeting.length >= GREETING_BYTES) return
      evidence.greeting += piece.toString('latin1', 0, GREETING_BYTES)
      if (evidence.stage === 'greeting' && /^SSH-/m.test(evidence.greeting)) reach('handshake')
    }
    const broken = (cause: Error | undefined) =>
      fail(
        evidence.stage === 'login'
          ? loginError(hop, login, problems, cause ?? new Error('connection closed'))
          : handshakeError(hop, cause, evidence),
      )
    const nextAttempt: AuthHandlerMiddleware = (_left, _partial, next) => {
      attempts.next().then(({ value, done }) => {
        if (settled) return
        deadline.restart()
        if (done) fail(loginError(hop, login, problems, undefined))
        else next(value as NonNullable<typeof value>)
      }, fail)
    }

    client.on('handshake', () => {
      if (!settled) reach('login')
    })
    client.on('ready', () => settle(() => resolve(client)))
    client.on('close', () => broken(undefined))
    client.on('error', (error: Error & { level?: string }) => {
      // A key that could not sign is noted already, and the next one is tried.
      if (error.level !== 'agent') broken(error)
    })
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) return abort()
    // It may have ended while files were read; the library would wait for ever.
    if (socket.destroyed || socket.readableEnded) return broken(socket.errored ?? undefined)
    reach('greeting')
    client.connect({
      sock: socket,
      username: target.user,
      algorithms: { serverHostKey: hostKey.algorithms, ...furtherAlgorithms(target.algorithms) },
      hostVerifier: (key: Buffer, accept: (trusted: boolean) => void) => {
        deadline.pausedFor(hostKey.verify(key)).then(
          () => accept(true),
          (error) => {
            fail(error)
            accept(false)
          },
        )
      },
      authHandler: nextAttempt,
      // The deadline above stands still while a person is asked; the library's own does not.
      readyTimeout: 0,
      keepaliveInterval: target.keepaliveSeconds * 1000,
      keepaliveCountMax: KEEPALIVES,
      debug: (line) => {
        if (settled) return
        const methods = METHODS.exec(line)?.[1]
        if (methods !== undefined) login.offered = methods.split(',').filter(Boolean)
        else if (line.startsWith('Handshake: ')) evidence.debugLines.push(line)
      },
    })
    // ssh2 has paused the socket, so that listening here starts nothing.
    socket.on('data', recordGreeting)
  })
}

/** The host knows only the first way of RSA to sign, which others can forge by now. */
async function refuseSha1(
  { label }: Identity,
  { name }: SshTarget,
  problems: IdentityProblem[],
): Promise<never> {
  const next = `Use an Ed25519 or ECDSA key, or allow old algorithms: algorithms: legacy at ${name} in hosts.yaml`
  problems.push({ what: `${label} is not used, because the host takes only SHA-1 signatures of it`, next })
  throw new Error('no signature with SHA-1')
}
