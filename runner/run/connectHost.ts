/** A host of hosts.yaml -> an open connection: SSH to its address, or to the sandbox of its name. */
import type { Host } from '../config/hosts.ts'
import { quiet } from '../transports/quiet.ts'
import type { SshInteraction } from '../transports/ssh.ts'
import type { SshTarget, Transport } from '../transports/transport.ts'

/** Address in hosts.yaml of a host that is made of this machine. */
export const SANDBOX = 'sandbox'

export interface ConnectOptions {
  /** Other entries of hosts.yaml, which a jump may name. */
  hosts: ReadonlyMap<string, Host>
  interaction: SshInteraction
  env: Record<string, string | undefined>
  signal: AbortSignal
}

/** Modules that take a moment to load are loaded while something else is waited for. */
export async function connectHost(host: Host, options: ConnectOptions): Promise<Transport> {
  const [{ connectSsh }, target] = await Promise.all([
    import('../transports/ssh.ts'),
    targetOf(host, options),
  ])
  return quiet(await connectSsh(target, options.interaction, options.signal))
}

async function targetOf(host: Host, options: ConnectOptions): Promise<SshTarget> {
  if (host.address === SANDBOX) return sandboxTarget(host.name, options.env.BUILD_STACK_SANDBOX_SERVER)
  const [{ sshTarget }, { sshSurroundings }] = await Promise.all([
    import('../transports/sshTarget.ts'),
    import('../transports/sshSurroundings.ts'),
  ])
  return sshTarget(
    host,
    sshSurroundings(options.env, (name) => options.hosts.get(name)),
  )
}

/** A sandbox starts by itself; from here on it is a host like any other. server: for tests that want OpenSSH's. */
async function sandboxTarget(name: string, server: string | undefined): Promise<SshTarget> {
  const { ensureSandbox } = await import('../sandbox/control.ts')
  const endpoint = await ensureSandbox(name, server === 'openssh' ? { server } : {})
  return {
    name,
    address: endpoint.address,
    port: endpoint.port,
    user: endpoint.user,
    identityFiles: [endpoint.identityFile],
    identitiesOnly: true,
    agent: undefined,
    knownHostsFiles: [endpoint.knownHostsFile],
    hostKeyAlias: undefined,
    jump: undefined,
    connectTimeoutSeconds: 20,
    keepaliveSeconds: 30,
  }
}
