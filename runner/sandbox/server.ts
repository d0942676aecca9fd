/**
 * The sandbox's server, bundled to .build/sandbox-server.js and started by init.sh inside the sandbox's namespaces:
 * server.js KIND STATE SUPERVISOR-PID SUPERVISOR-START-TIME. Makes the world, boots SMF, serves SSH, and writes
 * endpoint.json when a client can connect. SIGTERM is an orderly shutdown.
 */
import { closeSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { installCommands } from './commandTable.ts'
import { inheritedDescriptors } from './descriptors.ts'
import { type SandboxServer, writeEndpoint } from './endpoint.ts'
import { startOpenSsh } from './openSsh.ts'
import { createSmf, type Smf } from './smf/index.ts'
import { generateKeys, type SshServer, startSshServer } from './sshServer.ts'
import type { World } from './world.ts'
import { manyNumbers, mountWorld } from './worldMounts.ts'
import { makeWorldTree } from './worldTree.ts'

const [, , kind = 'ssh2', state = '', pid = '', startTime = ''] = process.argv

async function main(): Promise<void> {
  requireNamespaces()
  for (const descriptor of inheritedDescriptors()) closeSync(descriptor)
  const root = join(state, 'root')
  mkdirSync(root, { recursive: true })
  makeWorldTree(root, manyNumbers())
  installCommands(join(state, 'overlay'), manyNumbers())
  const world = await mountWorld(state)

  // What was enabled when it went down starts before anybody can log in, as at a boot.
  const smf = createSmf(world, { stateFolder: join(state, 'smf') })
  await smf.start()
  startLocal(world)

  const hostKey = readKeys('host_key')
  const clientKey = readKeys('client_key')
  const options = {
    world,
    hostKey: hostKey.private,
    clientKey: clientKey.public,
    preferredPort: readPort(),
  }
  const server = kind === 'openssh' ? await startOpenSsh(options) : await startSshServer(options)
  process.once('SIGTERM', () => void shutDown(server, smf))

  writeFileSync(join(state, 'port'), `${server.port}\n`)
  writeFileSync(join(state, 'known_hosts'), `[127.0.0.1]:${server.port} ${hostKey.public}\n`)
  writeEndpoint(state, {
    name: basename(state),
    address: '127.0.0.1',
    port: server.port,
    user: 'root',
    identityFile: join(state, 'client_key'),
    knownHostsFile: join(state, 'known_hosts'),
    root,
    pid: Number(pid),
    server: kind as SandboxServer,
    startTime,
    since: new Date().toISOString(),
  })
}

/** What an administrator has put into /etc/rc.local, as on a machine without SMF. */
function startLocal(world: World): void {
  if (!existsSync(join(world.root, 'etc/rc.local'))) return
  const env = { PATH: '/usr/sbin:/usr/bin', LC_ALL: 'C' }
  const child = world.spawn(['/bin/sh', '/etc/rc.local'], { env, cwd: '/', stdio: 'ignore', detached: true })
  child.once('error', (error) => process.stderr.write(`/etc/rc.local: ${error.message}\n`))
}

async function shutDown(server: SshServer, smf: Smf): Promise<void> {
  server.close()
  await smf.stop()
  process.exit(0)
}

/** Started by hand, it would mount a world into the file system of this machine. */
function requireNamespaces(): void {
  if (process.ppid === 1 && readFileSync('/proc/1/cmdline', 'latin1').includes('/sandbox/init.sh\0')) return
  throw new BuildStackError('USAGE', 'the server of a sandbox runs in namespaces that launch.sh makes', {
    next: 'Run: build-stack sandbox start',
  })
}

/** The key pair in this file and the one beside it with .pub; made at the first start. */
function readKeys(name: string): { private: string; public: string } {
  const file = join(state, name)
  if (!existsSync(`${file}.pub`)) {
    const keys = generateKeys(`sandbox ${basename(state)}`)
    writeFileSync(file, keys.private, { mode: 0o600 })
    writeFileSync(`${file}.pub`, `${keys.public}\n`)
  }
  return { private: readFileSync(file, 'utf8'), public: readFileSync(`${file}.pub`, 'utf8').trim() }
}

/** The port of the last start, so that a restarted sandbox is found where it was. */
function readPort(): number {
  const file = join(state, 'port')
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
