/**
 * The commands and files that a Solaris-like host has beside this machine's: one table, put into the folder that
 * mounts.sh lays over /usr (and over /lib, /bin where these are folders of their own).
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { packageRoot } from '../paths.ts'

/** Script in runner/sandbox/commands/, with the paths that it is installed to. */
const SCRIPTS: Record<string, string[]> = {
  'digest.sh': ['/usr/bin/digest'],
  'psrinfo.sh': ['/usr/sbin/psrinfo'],
  'isainfo.sh': ['/usr/bin/isainfo'],
  'zonename.sh': ['/sbin/zonename', '/usr/bin/zonename'],
  'pfexec.sh': ['/usr/bin/pfexec'],
  'pkginfo.sh': ['/usr/bin/pkginfo'],
  'pkg-get.sh': ['/usr/bin/pkg-get'],
  'groupadd.sh': ['/usr/sbin/groupadd'],
  'useradd.sh': ['/usr/sbin/useradd'],
  'usermod.sh': ['/usr/sbin/usermod'],
  'userdel.sh': ['/usr/sbin/userdel'],
  'accounts.sh': ['/usr/lib/sandbox/accounts.sh'],
  'smf_include.sh': ['/lib/svc/share/smf_include.sh'],
  'smf-client.sh': ['/usr/bin/svcs', '/usr/bin/svcprop', '/usr/sbin/svcadm', '/usr/sbin/svccfg'],
}

/** With one number only, in front of programs that would give a file to another account. */
const ONE_NUMBER_SCRIPTS: Record<string, string[]> = {
  'chown-one-number.sh': ['/usr/bin/chown', '/usr/bin/chgrp'],
  'install-one-number.sh': ['/usr/bin/install'],
  'tar-one-number.sh': ['/usr/bin/tar'],
}

/** Further names of this machine's programs, installed only where it has them. */
const LINKS: Record<string, string> = {
  '/sbin/sh': '/usr/bin/sh',
  '/usr/bin/gmake': '/usr/bin/make',
  '/usr/bin/gpatch': '/usr/bin/patch',
  '/usr/bin/gtar': '/usr/bin/tar',
  ...fromFolder('/usr/ccs/bin', ['make', 'ld', 'ar', 'nm', 'strip']),
  ...fromFolder('/usr/xpg4/bin', ['sh', 'id', 'grep', 'tail', 'awk', 'sed', 'tr']),
}

function fromFolder(folder: string, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`${folder}/${name}`, `/usr/bin/${name}`]))
}

/** Fills the folder anew. */
export function installCommands(overlay: string, manyNumbers: boolean): void {
  rmSync(overlay, { recursive: true, force: true })
  for (const name of ['usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    mkdirSync(join(overlay, name), { recursive: true })
  }
  for (const [script, paths] of Object.entries(SCRIPTS)) installScript(overlay, script, paths)
  for (const [path, target] of Object.entries(LINKS)) {
    if (existsSync(target)) symlinkSync(target, place(overlay, path))
  }
  if (manyNumbers) {
    // pfexec is a script, and a script cannot be setuid: this is the program through which it becomes root.
    copyProgram(overlay, '/usr/bin/setpriv', '/usr/lib/sandbox/root/setpriv', 0o4755)
    return
  }
  for (const [script, paths] of Object.entries(ONE_NUMBER_SCRIPTS)) {
    for (const path of paths.filter((path) => existsSync(path))) {
      installScript(overlay, script, [path])
      copyProgram(overlay, path, `/usr/lib/sandbox/${basename(path)}`, 0o755)
    }
  }
}

function installScript(overlay: string, script: string, paths: string[]): void {
  const source = join(packageRoot, 'runner', 'sandbox', 'commands', script)
  for (const path of paths) copyProgram(overlay, source, path, 0o755)
}

function copyProgram(overlay: string, source: string, path: string, mode: number): void {
  const target = place(overlay, path)
  copyFileSync(source, target)
  chmodSync(target, mode)
}

/** Where a path of the world lies in the overlay: /lib/x is in usr/lib where this machine's /lib is a link there. */
function place(overlay: string, path: string): string {
  const [, first = '', ...rest] = path.split('/')
  const isLink = lstatSync(`/${first}`, { throwIfNoEntry: false })?.isSymbolicLink()
  const file = join(overlay, isLink ? readlinkSync(`/${first}`) : first, ...rest)
  mkdirSync(dirname(file), { recursive: true })
  return file
}
