/** OpenSSH's sshd on a loopback port, with keys and a configuration of its own, where it is installed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { SshTarget } from '../../runner/transports/transport.ts'

const SSHD = '/usr/sbin/sshd'

export interface OpenSsh {
  folder: string
  port: number
  target: (changes?: Partial<SshTarget>) => SshTarget
  stop: () => void
}

/** Why there is none here. */
export const noSshd = existsSync(SSHD) ? undefined : `no ${SSHD} (apt-get install openssh-server)`

/**
 * With further lines for its configuration, and the type of its host key and of the key that may log in. through: words of a
 * command that becomes the server.
 */
export async function startOpenSsh(
  settings: string[] = [],
  keyType: 'ed25519' | 'rsa' = 'ed25519',
  through: string[] = [],
): Promise<OpenSsh> {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-sshd-'))
  const key = (name: string) => join(folder, name)
  for (const name of ['host', 'id']) {
    execFileSync('ssh-keygen', ['-q', '-t', keyType, '-N', '', '-C', '', '-f', key(name)])
  }
  writeFileSync(key('authorized_keys'), readFileSync(key('id.pub')), { mode: 0o600 })
  const port = await freePort()
  // Of two lines the first one counts.
  const config = [
    ...settings,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${key('host')}`,
    `AuthorizedKeysFile ${key('authorized_keys')}`,
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'Subsystem sftp internal-sftp',
  ]
  writeFileSync(key('sshd_config'), `${config.join('\n')}\n`)
  // As root it wants its own empty folder, which the system's service would make.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const [program = '', ...words] = [...through, SSHD, '-D', '-e', '-f', key('sshd_config')]
  const server = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] })
  const stop = () => {
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  // Of a test that fails before it has stopped it.
  process.once('exit', stop)
  const knownHosts = key('known_hosts')
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${readFileSync(key('host.pub'), 'utf8')}`)
  await listening(server, port)
  const target = (changes: Partial<SshTarget> = {}): SshTarget => ({
    name: 'box',
    address: '127.0.0.1',
    port,
    user: userInfo().username,
    identityFiles: [key('id')],
    identitiesOnly: true,
    agent: undefined,
    knownHostsFiles: [knownHosts],
    hostKeyAlias: undefined,
    jump: undefined,
    connectTimeoutSeconds: 10,
    keepaliveSeconds: 30,
    ...changes,
  })
  return { folder, port, target, stop }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listening(server: ChildProcess, port: number): Promise<void> {
  let words = ''
  server.stderr?.on('data', (piece) => {
    words += piece
  })
  for (let attempt = 0; attempt < 200; attempt++) {
    if (server.exitCode !== null) throw new Error(`sshd ended: ${words}`)
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', () => resolve(false))
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
    })
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`sshd does not listen: ${words}`)
}
