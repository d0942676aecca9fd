/** OpenSSH's own server in the world instead of ours, for tests that want the real thing. Root only. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BuildStackError } from '../errors.ts'
import type { SshServer, SshServerOptions } from './sshServer.ts'
import { manyNumbers } from './worldMounts.ts'

/** Resolves when it listens. Rejects with BuildStackError PREREQUISITE where it cannot run. */
export async function startOpenSsh(options: SshServerOptions): Promise<SshServer> {
  if (!manyNumbers()) {
    throw new BuildStackError(
      'PREREQUISITE',
      'OpenSSH in the sandbox needs root: its server changes accounts',
      {
        next: 'Run as root, or without --server openssh.',
      },
    )
  }
  const port = await freePort(options.preferredPort)
  writeSettings(options, port)
  const sshd = options.world.spawn(['/usr/sbin/sshd', '-D', '-e', '-f', '/etc/ssh/sshd_config'], {
    env: { PATH: '/usr/bin:/usr/sbin' },
    cwd: '/',
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  for (let tries = 0; tries < 200; tries += 1) {
    if (sshd.exitCode !== null) break
    if (await answers(port)) return { port, close: () => sshd.kill() }
    await sleep(20)
  }
  throw new BuildStackError('PREREQUISITE', `sshd did not start (status ${sshd.exitCode})`)
}

function writeSettings(options: SshServerOptions, port: number): void {
  const root = options.world.root
  mkdirSync(join(root, 'var/run/sshd'), { recursive: true, mode: 0o755 })
  writeFileSync(join(root, 'etc/ssh/host_key'), options.hostKey, { mode: 0o600 })
  chmodSync(join(root, 'etc/ssh/host_key'), 0o600)
  writeFileSync(join(root, 'etc/ssh/authorized_keys'), `${options.clientKey}\n`)
  const settings = {
    ListenAddress: `127.0.0.1:${port}`,
    HostKey: '/etc/ssh/host_key',
    AuthorizedKeysFile: '/etc/ssh/authorized_keys',
    PidFile: '/var/run/sshd.pid',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    PermitRootLogin: 'prohibit-password',
    UsePAM: 'no',
    PrintMotd: 'no',
    // A host can have many names here, whose logins come at once.
    MaxStartups: '200',
    SetEnv: 'PATH=/usr/bin:/usr/sbin:/sbin TZ=UTC',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`)
  writeFileSync(join(root, 'etc/ssh/sshd_config'), lines.join(''))
}

function freePort(preferred: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', () => (preferred === 0 ? reject(new Error('no free port')) : resolve(freePort(0))))
    probe.listen(preferred, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
