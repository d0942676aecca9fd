/** Whether a host can be changed with the rights that were found there, and if not, why. Pure. */
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'

type RightsFacts = Pick<Facts, 'privilege' | 'user' | 'tools'>

/** The PREREQUISITE error, undefined where all is well. */
export function missingRights(
  host: Pick<Host, 'name' | 'prefix' | 'privilege'>,
  { privilege, user, tools }: RightsFacts,
): BuildStackError | undefined {
  if (privilege !== undefined && privilege !== 'sudo-terminal') return undefined
  const fail = (what: string, next: string) =>
    new BuildStackError('PREREQUISITE', what, { host: host.name, next })
  if (privilege === 'sudo-terminal') {
    return fail(
      `sudo wants a terminal of ${user} (requiretty in its sudoers), and a job that outlives its connection has none`,
      `add this line to sudoers there, by visudo: Defaults:${user} !requiretty`,
    )
  }
  const cannot = `${user} may not write to ${host.prefix}`
  switch (host.privilege ?? 'auto') {
    case 'none':
      return fail(
        `${cannot}, and hosts.yaml says privilege: none`,
        'Make the prefix writable, or use sudo or pfexec',
      )
    case 'sudo':
      return fail(
        'there is no sudo on the PATH of hosts.yaml',
        'Add its folder to path: in hosts.yaml, or install it',
      )
    case 'pfexec':
      if (!tools.pfexec) return fail('there is no pfexec on the host', 'Use privilege: sudo, or another user')
      return fail(
        `pfexec does not make ${user} root: the account has no rights profile for it`,
        `give it one, as root there: usermod -P 'Primary Administrator' ${user}`,
      )
    default:
      return fail(
        `${cannot}, and has neither pfexec nor sudo`,
        `connect as another user, give ${user} a profile or sudo, or make the prefix writable`,
      )
  }
}
