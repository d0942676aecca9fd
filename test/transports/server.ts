/** A real SSH server on a loopback port, whose commands run in a real shell; each test bends what it needs. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type AuthContext, type Connection, type ServerChannel, type ServerConfig } from 'ssh2'
import type { SshInteraction } from '../../runner/transports/ssh.ts'
import type { SshTarget } from '../../runner/transports/transport.ts'

export type KeyType = 'ed25519' | 'rsa' | 'ecdsa'

const BITS = { ed25519: {}, rsa: { bits: 2048 }, ecdsa: { bits: 256 } }

/** A key pair in OpenSSH's format. */
export function keyPair(type: KeyType = 'ed25519', passphrase?: string): { private: string; public: string } {
  for (;;) {
    const pair = generate(type, passphrase)
    // About one in 200 of the library's Ed25519 keys is written so that nothing can read it.
    if (!(ssh2.utils.parseKey(pair.private, passphrase) instanceof Error)) return pair
  }
}

function generate(type: KeyType, passphrase: string | undefined): { private: string; public: string } {
  const locked = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 2 }
  return ssh2.utils.generateKeyPairSync(type as 'rsa', { ...BITS[type], ...locked } as { bits: number })
}

/** In wire format, as known_hosts has it in base64. */
export function publicBlob(pair: { public: string }): Buffer {
  return Buffer.from(pair.public.split(' ')[1] ?? '', 'base64')
}

export interface ServerOptions extends Partial<ServerConfig> {
  hostKey?: { private: string; public: string }
  authenticate?: (context: AuthContext) => void
  exec?: (command: string, channel: ServerChannel) => void
  /** Before a command is accepted. */
  beforeExec?: (connection: Connection) => void
  onConnection?: (connection: Connection) => void
}

export interface TestServer {
  port: number
  hostKey: { private: string; public: string }
  connections: Set<Connection>
  close: () => Promise<void>
}

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const hostKey = options.hostKey ?? keyPair()
  const connections = new Set<Connection>()
  const server = new ssh2.Server(
    { ...options, hostKeys: options.hostKeys ?? [hostKey.private] },
    (connection) => {
      connections.add(connection)
      socketOf(connection).setNoDelay()
      connection.on('error', () => {})
      connection.on('close', () => connections.delete(connection))
      connection.on('authentication', options.authenticate ?? ((context) => context.accept()))
      connection.on('session', (accept) => {
        accept().on('exec', (acceptExec, _reject, { command }) => {
          options.beforeExec?.(connection)
          const channel = acceptExec()
          channel.on('error', () => {})
          ;(options.exec ?? runInShell)(command, channel)
        })
      })
      connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
        const socket = connect(destPort, destIP)
        socket.once('error', () => reject())
        socket.once('connect', () => {
          const channel = accept()
          channel.on('error', () => {})
          channel.pipe(socket).pipe(channel)
          socket.on('error', () => channel.close())
        })
      })
      options.onConnection?.(connection)
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((resolve) => {
      for (const connection of connections) socketOf(connection).end()
      server.close(() => resolve())
    })
  return { port, hostKey, connections, close }
}

function runInShell(command: string, channel: ServerChannel): void {
  const child = spawn('/bin/sh', ['-c', command])
  channel.pipe(child.stdin)
  child.stdin.on('error', () => {})
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  child.on('close', (code, signal) => {
    if (signal) channel.exit(signal.replace(/^SIG/, ''), false, '')
    else channel.exit(code ?? 0)
    channel.end()
  })
  channel.on('close', () => child.stdin.destroy())
}

/** The socket under a server's connection, to break it as a network does. */
export function socketOf(connection: Connection): Socket {
  return (connection as unknown as { _sock: Socket })._sock
}

export const nobodyThere: SshInteraction = {
  askSecret: undefined,
  confirmHostKey: undefined,
  acceptNewHostKeys: false,
}

/** A folder with a key that may log in and a known_hosts that knows the server. */
export function clientFolder(server: { port: number; hostKey: { public: string } }): ClientFolder {
  const path = mkdtempSync(join(tmpdir(), 'build-stack-ssh-'))
  const pair = keyPair()
  const key = join(path, 'id')
  writeFileSync(key, pair.private, { mode: 0o600 })
  const knownHosts = join(path, 'known_hosts')
  const [type, blob] = server.hostKey.public.split(' ')
  writeFileSync(knownHosts, `[127.0.0.1]:${server.port} ${type} ${blob}\n`)
  const target = (changes: Partial<SshTarget> = {}): SshTarget => ({
    name: 'box',
    address: '127.0.0.1',
    port: server.port,
    user: 'builder',
    identityFiles: [key],
    identitiesOnly: true,
    agent: undefined,
    knownHostsFiles: [knownHosts],
    hostKeyAlias: undefined,
    jump: undefined,
    connectTimeoutSeconds: 5,
    keepaliveSeconds: 30,
    ...changes,
  })
  return { path, pair, key, knownHosts, target, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export interface ClientFolder {
  path: string
  pair: { private: string; public: string }
  key: string
  knownHosts: string
  target: (changes?: Partial<SshTarget>) => SshTarget
  remove: () => void
}
