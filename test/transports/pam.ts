/** An OpenSSH server that asks by PAM, with rules of its own that no other process of this machine sees. Root only. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withoutRoot } from '../unless.ts'
import { noSshd, type OpenSsh, startOpenSsh } from './sshd.ts'

/** In a mount namespace of the command's own. */
const WITH_RULES = 'mount --bind "$0" /etc/pam.d && exec "$@"'

/** Why there is none here. */
export const noPam = noSshd ?? withoutRoot ?? missing()

function missing(): string | undefined {
  const words = ['-m', 'sh', '-c', `${WITH_RULES}`, tmpdir(), 'sh', '-c', 'test -e /etc/pam.d']
  try {
    execFileSync('unshare', words, { stdio: 'ignore' })
  } catch {
    return 'no folder can be mounted over /etc/pam.d here (needs unshare, and the right to mount)'
  }
  try {
    execFileSync('sh', [
      '-c',
      'ls /lib/*/security/pam_exec.so /lib/security/pam_exec.so 2>/dev/null | grep .',
    ])
    return undefined
  } catch {
    return 'there is no pam_exec.so here (apt-get install libpam-modules)'
  }
}

/** It takes the code alone, by keyboard-interactive; keys too where `settings` say so. */
export async function startPamSsh(code: string, settings: string[]): Promise<OpenSsh> {
  const rules = mkdtempSync(join(tmpdir(), 'build-stack-pam-'))
  const check = join(rules, 'check')
  writeFileSync(check, `#!/bin/sh\n[ "$(tr -d '\\0')" = '${code}' ]\n`)
  chmodSync(check, 0o700)
  const lines = [
    `auth required pam_exec.so quiet expose_authtok ${check}`,
    // For what comes after the login, of which the one before knows nothing.
    'auth required pam_permit.so',
    'account required pam_permit.so',
    'session required pam_permit.so',
  ]
  for (const name of ['sshd', 'other']) writeFileSync(join(rules, name), `${lines.join('\n')}\n`)
  const all = ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'PermitRootLogin yes', ...settings]
  const through = ['unshare', '-m', 'sh', '-c', WITH_RULES, rules]
  const removed = () => rmSync(rules, { recursive: true, force: true })
  try {
    const sshd = await startOpenSsh(all, 'ed25519', through)
    const stop = () => {
      sshd.stop()
      removed()
    }
    return { ...sshd, stop }
  } catch (error) {
    removed()
    throw error
  }
}
