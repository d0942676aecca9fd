/** The SSH servers that a sandbox can have; what is tested end to end is tested with both. */
import { existsSync } from 'node:fs'

export interface Server {
  name: string
  env: Record<string, string>
  /** Why it cannot be used here. */
  skip: string | undefined
}

function withoutOpenSsh(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can run OpenSSH's server in a sandbox"
  return existsSync('/usr/sbin/sshd')
    ? undefined
    : 'there is no /usr/sbin/sshd (apt-get install openssh-server)'
}

export const servers: Server[] = [
  { name: "ssh2's server", env: { BUILD_STACK_SANDBOX_SERVER: 'ssh2' }, skip: undefined },
  { name: "OpenSSH's server", env: { BUILD_STACK_SANDBOX_SERVER: 'openssh' }, skip: withoutOpenSsh() },
]

/** The servers that there are; the reasons for the others are printed. */
export function usableServers(): Server[] {
  for (const { name, skip } of servers) if (skip) console.log(`  skipped with ${name}: ${skip}`)
  return servers.filter(({ skip }) => !skip)
}
