/** Every way in which reaching a host fails, in words: what happened, at which address, and what to do. Pure. */
import { BuildStackError, type ErrorContext } from '../errors.ts'
import { algorithmMismatch, isLegacyOnly } from './algorithms.ts'
import type { Login } from './authentication.ts'
import type { IdentityProblem } from './identities.ts'
import { printable } from './printable.ts'
import type { SshTarget } from './transport.ts'

/** One connection on the way to a host: to the host itself, or to a jump host before it. */
export interface Hop {
  target: SshTarget
  destination: SshTarget
}

/** "server1 (10.0.0.1:22)", or the jump host with where the way leads. */
export function hopName(hop: Hop): string {
  const name = named(hop.target)
  return hop.target === hop.destination ? name : `jump host ${name} on the way to ${hop.destination.name}`
}

function named(target: SshTarget): string {
  const place = target.address.includes(':') ? `[${target.address}]` : target.address
  return `${target.name} (${place}:${target.port})`
}

export function hopContext(hop: Hop, next: string, cause?: unknown): ErrorContext {
  return { host: hop.destination.name, next, ...(cause === undefined ? {} : { cause }) }
}

function connectError(hop: Hop, what: string, next: string, cause?: unknown): BuildStackError {
  return new BuildStackError('CONNECT', what, hopContext(hop, next, cause))
}

/** A TCP connection that could not be made. */
export function socketError(hop: Hop, cause: NodeJS.ErrnoException): BuildStackError {
  const { address, port } = hop.target
  const fail = (what: string, next: string) => connectError(hop, `${hopName(hop)}: ${what}`, next, cause)
  switch (cause.code) {
    case 'ENOTFOUND':
    case 'EAI_NONAME':
      return fail(`the name ${address} is not known`, 'Check the address in hosts.yaml and ~/.ssh/config')
    case 'EAI_AGAIN':
      return fail(
        `the name ${address} could not be looked up`,
        "Check this machine's network and name server",
      )
    case 'ECONNREFUSED':
      return fail(
        'connection refused',
        `Check that an SSH server listens on port ${port}: svcs ssh on the host`,
      )
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return fail(`no route to the host (${cause.code})`, `Check the network between here and ${address}`)
    case 'ETIMEDOUT':
      return timeoutError(hop, 'connection')
    default:
      return fail(
        `the connection failed (${cause.code ?? cause.message})`,
        'Try again; then check the network',
      )
  }
}

/** How far a connection has come. */
export type Stage = 'connection' | 'greeting' | 'handshake' | 'login'

export function timeoutError(hop: Hop, stage: Stage): BuildStackError {
  const seconds = `within ${hop.target.connectTimeoutSeconds} seconds`
  const [what, next] = {
    connection: [`no answer ${seconds}`, 'Check the address, the port, and a firewall on the way'],
    greeting: [`connected, but no SSH server said anything ${seconds}`, 'Check the port in hosts.yaml'],
    handshake: [`the SSH handshake did not end ${seconds}`, 'Try again; the host may be overloaded'],
    login: [`the host did not answer the login ${seconds}`, "Check the host's name service and its sshd log"],
  }[stage] as [string, string]
  return connectError(hop, `${hopName(hop)}: ${what}`, next)
}

/** What was seen of a connection that broke before the login was over. */
export interface Evidence {
  stage: Stage
  /** The first bytes that the host sent. */
  greeting: string
  debugLines: string[]
}

/** A connection that ended or failed between TCP and login. `cause` is undefined when it was just closed. */
export function handshakeError(hop: Hop, cause: Error | undefined, evidence: Evidence): BuildStackError {
  const fail = (what: string, next: string) => connectError(hop, `${hopName(hop)}: ${what}`, next, cause)
  const greeting = printable(evidence.greeting.split('\n')[0] ?? '').trim()
  if (/^SSH-1\.(?!99)/m.test(evidence.greeting)) {
    return fail(`the server speaks only SSH 1 (${greeting})`, 'Install a newer SSH server on the host')
  }
  if (!/^SSH-/m.test(evidence.greeting)) {
    return greeting === ''
      ? fail('the connection was closed before the server said anything', closedNext(hop))
      : fail(`this is not an SSH server; it says "${greeting.slice(0, 60)}"`, 'Check the port in hosts.yaml')
  }
  const mismatch = algorithmMismatch(evidence.debugLines)
  if (mismatch && isNegotiationFailure(evidence)) {
    const { kind, ours, theirs } = mismatch
    const what =
      `no ${kind} in common: the host has ${theirs.join(', ') || 'none'}; ` +
      `build-stack offers ${ours.join(', ')}`
    const server = 'Give the host a newer SSH server'
    if (hop.target.algorithms === 'legacy' || !isLegacyOnly(mismatch)) return fail(what, server)
    return fail(
      what,
      `${server}, or allow it the old ones: algorithms: legacy at ${hop.target.name} in hosts.yaml`,
    )
  }
  if (cause === undefined) return fail('the connection was closed during the handshake', closedNext(hop))
  return fail(`the SSH handshake failed: ${printable(cause.message)}`, 'Try the same with: ssh -v')
}

// The last thing that ssh2 does with two lists is to compare them; when it goes on, it says what was chosen.
function isNegotiationFailure(evidence: Evidence): boolean {
  return evidence.debugLines.some((line) => /^Handshake: no matching /i.test(line))
}

function closedNext(hop: Hop): string {
  return `Check MaxStartups, hosts.deny and the sshd log on ${hop.target.address}, then try again`
}

/** Keys and passwords are used up, or the host ended the login. */
export function loginError(
  hop: Hop,
  login: Login,
  problems: IdentityProblem[],
  disconnect: Error | undefined,
): BuildStackError {
  const account = `${hop.target.user} on ${hopName(hop)}`
  const tried = login.tried.length > 0 ? `tried: ${login.tried.join('; ')}` : 'there was nothing to try'
  const accepts = login.offered ? `; the host accepts: ${login.offered.join(', ')}` : ''
  const notUsed = problems.map((problem) => `; ${problem.what}`).join('')
  const facts = `${tried}${notUsed}${accepts}`
  if (disconnect) {
    const what = `the host ended the login of ${account}: ${printable(disconnect.message)} (${facts})`
    const next =
      'Name the one right key: key: in hosts.yaml, or IdentityFile and IdentitiesOnly in ~/.ssh/config'
    return connectError(hop, what, next, disconnect)
  }
  const what = `no login as ${account} (${facts})`
  return connectError(hop, what, problems[0]?.next ?? loginNext(hop, login))
}

function loginNext(hop: Hop, login: Login): string {
  const needsTerminal = login.offered?.some((m) => m === 'password' || m === 'keyboard-interactive')
  if (needsTerminal && !login.askSecret) {
    const terminal = 'Run it on a terminal, where the password can be asked for'
    // No key helps where the host takes none, or has taken it as the first of two factors.
    if (!login.offered?.includes('publickey')) return terminal
    if (login.tried.length === 0) return `${terminal}, or set key: in hosts.yaml`
  }
  const { user, address, port } = hop.target
  return `Check user: and key: in hosts.yaml, or let the key in: ssh-copy-id -p ${port} ${user}@${address}`
}

/** A jump host that did not open the way. `reason` is SSH's own number: 1 forbidden, 2 not reached. */
export function forwardError(from: Hop, to: SshTarget, cause: Error & { reason?: unknown }): BuildStackError {
  const jump = hopName({ target: from.target, destination: from.target })
  const way = `jump host ${jump} did not open the way to ${named(to)}`
  const [why, next] =
    cause.reason === 1
      ? ['it forbids forwarding', `Set AllowTcpForwarding (PermitOpen) in its sshd_config`]
      : [printable(cause.message), `Check from it: nc -z ${to.address} ${to.port}`]
  return connectError(from, `${way}: ${why}`, next, cause)
}

export function interruptedError(hop: Hop, reason: unknown): BuildStackError {
  if (reason instanceof BuildStackError) return reason
  const message = `stopped while connecting to ${hopName(hop)}`
  return new BuildStackError('INTERRUPTED', message, { host: hop.destination.name })
}
