/** The sandbox's SSH server: real protocol and keys, on ssh2. The only file of the sandbox that imports it. */
import { timingSafeEqual } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import ssh2, {
  type AuthContext,
  type Connection,
  type ParsedKey,
  type PseudoTtyInfo,
  type ServerChannel,
  type Session,
} from 'ssh2'
import { quote } from '../shell.ts'
import { type Account, findAccount, isLocked } from './accounts.ts'
import { type LoginHost, startLogin } from './login.ts'
import { PipeStock } from './pipes.ts'
import type { World } from './world.ts'

const { Server, utils } = ssh2

export interface SshServerOptions {
  world: World
  /** Private key in OpenSSH's format. */
  hostKey: string
  /** Public key in OpenSSH's format; its owner may log in to every account that is not locked. */
  clientKey: string
  /** Tried first; another one is taken when it is in use. */
  preferredPort: number
}

export interface SshServer {
  port: number
  close(): void
}

/** A new ed25519 key pair in OpenSSH's format. */
export function generateKeys(comment: string): { private: string; public: string } {
  // Now and then ssh2 drops a leading zero byte, and the key cannot be read: another one can.
  for (;;) {
    const keys = utils.generateKeyPairSync('ed25519', { comment })
    if (!(utils.parseKey(keys.private) instanceof Error)) return keys
  }
}

/** Resolves when it listens on 127.0.0.1. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const clientKey = utils.parseKey(options.clientKey)
  if (clientKey instanceof Error) throw clientKey
  const host = { world: options.world, pipes: new PipeStock() }
  let port = 0
  const server = new Server(
    {
      hostKeys: [options.hostKey],
      ident: 'build-stack-sandbox',
      algorithms: {
        kex: [
          'curve25519-sha256',
          'curve25519-sha256@libssh.org',
          'ecdh-sha2-nistp256',
          'diffie-hellman-group14-sha256',
        ],
        // Without chacha20-poly1305, which costs ten times as much as AES where the processor knows AES.
        cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'],
      },
    },
    (client, info) => serve(client, `${info.ip} ${info.port} 127.0.0.1 ${port}`, host, clientKey),
  )
  await listen(server, options.preferredPort).catch(() => listen(server, 0))
  port = (server.address() as AddressInfo).port
  return { port, close: () => server.close() }
}

function listen(server: InstanceType<typeof Server>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function serve(client: Connection, addresses: string, host: LoginHost, clientKey: ParsedKey): void {
  // Requests and answers are small: waiting for more to send with them would cost 40 ms each.
  ;(client as Connection & { setNoDelay(on: boolean): void }).setNoDelay(true)
  let account: Account | undefined
  client.on('authentication', (attempt) => {
    if (!mayLogIn(attempt, host.world.root, clientKey)) return attempt.reject(['publickey'])
    account = findAccount(host.world.root, attempt.username)
    attempt.accept()
  })
  client.on('ready', () => {
    client.on('session', (accept) => {
      if (account !== undefined) serveSession(accept(), host, account, addresses)
    })
    client.on('tcpip', (accept, reject, info) => forward(accept, reject, info.destIP, info.destPort))
  })
  // A lost connection is no fault of ours; the programs of its channels go on.
  client.on('error', () => client.end())
}

function mayLogIn(attempt: AuthContext, root: string, key: ParsedKey): boolean {
  if (attempt.method !== 'publickey') return false
  const publicKey = key.getPublicSSH()
  const offered = attempt.key.data
  if (offered.length !== publicKey.length || !timingSafeEqual(offered, publicKey)) return false
  if (findAccount(root, attempt.username) === undefined || isLocked(root, attempt.username)) return false
  // Without a signature the client only asks whether the key would do.
  if (attempt.signature === undefined || attempt.blob === undefined) return true
  return key.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true
}

function serveSession(session: Session, host: LoginHost, account: Account, addresses: string): void {
  let kill: (signal: string) => void = () => {}
  let terminal: PseudoTtyInfo | undefined
  const run = (channel: ServerChannel, command?: string) => {
    kill = startLogin(channel, host, { account, command: onTerminal(command, terminal), addresses })
  }
  session.on('exec', (accept, _reject, info) => run(accept(), info.command))
  session.on('shell', (accept) => run(accept()))
  session.on('signal', (accept, _reject, info) => {
    kill(info.name)
    accept?.()
  })
  session.on('pty', (accept, reject, info) => {
    if (!existsSync(SCRIPT)) return void reject?.()
    terminal = info
    accept?.()
  })
  session.on('env', (_accept, reject) => reject?.())
  session.on('subsystem', (_accept, reject) => reject?.())
}

/** Gives its command a terminal, which Node cannot make. */
const SCRIPT = '/usr/bin/script'

/** A terminal keeps the size that it begins with. */
function onTerminal(command: string | undefined, terminal: PseudoTtyInfo | undefined): string | undefined {
  if (!terminal || command === undefined) return command
  const { rows, cols } = terminal
  const kind = /^[\w.+-]+$/.exec(terminal.term)?.[0] ?? 'vt100'
  const inside = `stty rows ${rows} cols ${cols}; ${command}`
  return `exec env TERM=${kind} ${SCRIPT} -qefc ${quote(inside)} /dev/null`
}

/** direct-tcpip, so that the sandbox can be a jump host; to this machine's loopback only. */
function forward(accept: () => ServerChannel, reject: () => void, address: string, port: number): void {
  if (!['127.0.0.1', '::1', 'localhost'].includes(address)) {
    reject()
    return
  }
  const socket = connect({ host: address, port, allowHalfOpen: true })
  let channel: ServerChannel | undefined
  socket.once('connect', () => {
    channel = accept()
    channel.on('error', () => socket.destroy())
    channel.on('close', () => socket.destroy())
    channel.pipe(socket).pipe(channel)
  })
  socket.on('error', () => (channel === undefined ? reject() : channel.close()))
}
