/** Runs the probe on a host. */
import type { Host } from '../config/hosts.ts'
import type { Transport } from '../transports/transport.ts'
import type { Facts } from './facts.ts'
import { parseProbe, probeCommand } from './probe.ts'

/** One exec. @throws BuildStackError HOST or PREREQUISITE, as parseProbe. */
export async function probeHost(host: Host, transport: Transport): Promise<Facts> {
  const { command, stdin } = probeCommand(host)
  const result = await transport.exec(command, { stdin })
  return parseProbe(result.stdout.toString('utf8'), host.name)
}
