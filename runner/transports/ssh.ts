/** Transport over SSH. Loads the ssh2 library, so import it only when a connection is really wanted. */
import { setMaxListeners } from 'node:events'
import { connect as connectSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { BuildStackError } from '../errors.ts'
import { forwardError, type Hop, interruptedError, socketError, timeoutError } from './connectError.ts'
import { openConnection } from './connection.ts'
import { Commands, type Line } from './exec.ts'
import { gatherWrites } from './gatherWrites.ts'
import type { SshClient } from './ssh2.ts'
import type { ExecOptions, ExecResult, SshTarget, Transport } from './transport.ts'

/** What the connection may ask the user. Several hosts may ask at once: the functions take turns themselves. */
export interface SshInteraction {
  /**
   * Asks for a secret on the terminal; undefined when there is no terminal (then the key or method is skipped
   * and the error says so).
   */
  askSecret: ((prompt: string) => Promise<string | undefined>) | undefined
  /** Asks whether to trust an unknown key; undefined when there is no terminal. */
  confirmHostKey: ((question: HostKeyQuestion) => Promise<boolean>) | undefined
  /** --accept-new-host-keys: add unknown keys without asking; changed keys are still refused. */
  acceptNewHostKeys: boolean
}

export interface HostKeyQuestion {
  host: string
  port: number
  /** As in ssh-ed25519. */
  type: string
  /** As ssh shows it: SHA256:... */
  fingerprint: string
}

/** How long close() waits for the host's own goodbye. */
const CLOSE_MILLISECONDS = 1000

/**
 * Connects and logs in, through the target's jump hosts. Rejects with BuildStackError CONNECT for every way in
 * which that fails, INTERRUPTED when the signal stops it.
 */
export async function connectSsh(
  target: SshTarget,
  interaction: SshInteraction,
  signal?: AbortSignal,
): Promise<Transport> {
  // One stops a run over hundreds of hosts; Node would take eleven listeners for a leak, and say so to the user.
  if (signal) setMaxListeners(0, signal)
  return new SshTransport(target, await connectChain(target, target, interaction, signal))
}

interface Link {
  client: SshClient
  closed: Promise<void>
}

/** The connections from the first jump host to the target, each made through the one before it. */
async function connectChain(
  target: SshTarget,
  destination: SshTarget,
  interaction: SshInteraction,
  signal: AbortSignal | undefined,
): Promise<Link[]> {
  const hop = { target, destination }
  if (target.jump === undefined) {
    return [link(await openConnection(hop, interaction, () => openSocket(hop, signal), signal))]
  }
  const before = await connectChain(target.jump, destination, interaction, signal)
  const jump = before.at(-1) as Link
  const from = { target: target.jump, destination }
  try {
    const through = () => forward(jump.client, from, target)
    return [...before, link(await openConnection(hop, interaction, through, signal))]
  } catch (error) {
    for (const { client } of before) endClient(client)
    throw error
  }
}

function link(client: SshClient): Link {
  return { client, closed: new Promise((resolve) => client.once('close', () => resolve())) }
}

function openSocket(hop: Hop, signal: AbortSignal | undefined): Promise<Duplex> {
  const { address, port, connectTimeoutSeconds } = hop.target
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(interruptedError(hop, signal.reason))
    const socket = connectSocket({ host: address, port, noDelay: true })
    gatherWrites(socket)
    const settle = (act: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      act()
    }
    const giveUp = (error: BuildStackError) =>
      settle(() => {
        socket.destroy()
        reject(error)
      })
    const abort = () => giveUp(interruptedError(hop, signal?.reason))
    const timer = setTimeout(() => giveUp(timeoutError(hop, 'connection')), connectTimeoutSeconds * 1000)
    signal?.addEventListener('abort', abort, { once: true })
    // It stays, for an error after the connect event and before the connection listens itself.
    socket.on('error', (error) => settle(() => reject(socketError(hop, error))))
    socket.once('connect', () => settle(() => resolve(socket)))
  })
}

function forward(jump: SshClient, from: Hop, to: SshTarget): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    try {
      jump.forwardOut('127.0.0.1', 0, to.address, to.port, (error, channel) =>
        error ? reject(forwardError(from, to, error)) : resolve(channel),
      )
    } catch (error) {
      reject(forwardError(from, to, error as Error))
    }
  })
}

class SshTransport implements Transport {
  readonly #commands: Commands
  readonly #links: Link[]

  constructor(target: SshTarget, links: Link[]) {
    const { client } = links.at(-1) as Link
    const line: Line = { client, host: target.name, failure: undefined, closed: false }
    client.on('error', (error) => {
      line.failure ??= error
    })
    // Before the library closes the channels, so that their ends are seen for what they are.
    client.prependListener('close', () => {
      line.closed = true
    })
    this.#commands = new Commands(line)
    this.#links = links
  }

  exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    return this.#commands.run(command, options)
  }

  async close(): Promise<void> {
    for (const each of this.#links.toReversed()) await closeLink(each)
  }
}

async function closeLink({ client, closed }: Link): Promise<void> {
  endClient(client)
  const timer = setTimeout(() => client.destroy(), CLOSE_MILLISECONDS)
  await closed
  clearTimeout(timer)
}

/** The library throws at a goodbye over a connection whose protocol is broken already. */
function endClient(client: SshClient): void {
  try {
    client.end()
  } catch {
    client.destroy()
  }
}
