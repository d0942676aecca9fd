/** Finds out whether a password opens sudo on a host, before anything is built that could not be installed. */
import { BuildStackError } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'
import { commandLine } from '../shell.ts'
import { printable } from '../transports/printable.ts'
import type { Transport } from '../transports/transport.ts'
import type { SudoPasswords } from './sudoPasswords.ts'

const ATTEMPTS = 3
// Without -k a ticket of an earlier login could stand for the password; older ones take -k only by itself.
const CHECK = 'LC_ALL=C; export LC_ALL; "$1" -k; exec "$1" -S -p "" id'

/**
 * The password that the host takes. It goes to sudo's standard input, which reads one line of it.
 * @throws BuildStackError PREREQUISITE when there is none, or sudo refuses for another reason.
 */
export async function sudoPassword(
  host: string,
  facts: Pick<Facts, 'user' | 'tools'>,
  transport: Transport,
  passwords: SudoPasswords,
): Promise<string> {
  const { user } = facts
  const command = `exec ${commandLine(['/bin/sh', '-c', CHECK, 'sh', facts.tools.sudo ?? 'sudo'])}`
  let wrong: string | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const password = await passwords.get(user, host, wrong)
    if (password === undefined) throw unanswered(host, user)
    const { stdout, stderr } = await transport.exec(command, { stdin: `${password}\n` })
    if (/^uid=0\(/m.test(stdout.toString('latin1'))) {
      await passwords.prove(user, password)
      return password
    }
    if (!/try again|incorrect password|no password was provided/i.test(stderr)) {
      throw refused(host, user, stderr)
    }
    wrong = password
  }
  throw new BuildStackError('PREREQUISITE', `sudo took none of ${ATTEMPTS} passwords of ${user}`, {
    host,
    next: `try it there: ssh ${host}, then sudo id`,
  })
}

function unanswered(host: string, user: string): BuildStackError {
  return new BuildStackError('PREREQUISITE', `sudo wants a password of ${user}, and there is nobody to ask`, {
    host,
    next: `run it on a terminal, or give ${user} sudo without a password for this`,
  })
}

function refused(host: string, user: string, stderr: string): BuildStackError {
  const lines = stderr
    .split('\n')
    .map(printable)
    .filter((line) => line.trim() !== '')
  return new BuildStackError(
    'PREREQUISITE',
    `sudo does not let ${user} become root: ${lines.at(-1) ?? 'no reason'}`,
    {
      host,
      log: lines.slice(-6),
      next: 'Let it in sudoers, or say privilege: pfexec or none in hosts.yaml',
    },
  )
}
