/**
 * Why a sandbox cannot be started on this machine: tries, one by one, what it is made of. Asked only after a start has
 * failed, so that a start that works does not pay for it.
 */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

export interface Obstacle {
  message: string
  /** The command that removes it. */
  next: string
}

const PATH = '/usr/bin:/usr/sbin:/bin:/sbin'

/** Programs of a sandbox with the Debian package that has them. */
const TOOLS: Record<string, string> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
  pivot_root: 'util-linux',
  mount: 'mount',
  umount: 'mount',
}

/** Settings of the kernel that forbid user namespaces: file, the value that forbids, the command that allows. */
const SETTINGS: [file: string, forbids: string, allow: string][] = [
  ['kernel/unprivileged_userns_clone', '0', 'sudo sysctl -w kernel.unprivileged_userns_clone=1'],
  [
    'kernel/apparmor_restrict_unprivileged_userns',
    '1',
    'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  ],
  ['user/max_user_namespaces', '0', 'sudo sysctl -w user.max_user_namespaces=15000'],
]

const OVERLAY = 'cd "$(mktemp -d)" && mkdir a b && mount -t overlay -o ro,lowerdir=a:/usr overlay b'

/** The first thing that is missing, or undefined when everything that a sandbox needs is there. */
export async function explainFailure(): Promise<Obstacle | undefined> {
  for (const [tool, pack] of Object.entries(TOOLS)) {
    if (!PATH.split(':').some((folder) => existsSync(`${folder}/${tool}`))) {
      return {
        message: `the sandbox needs ${tool}, which is not installed`,
        next: `Run: sudo apt-get install -y ${pack}`,
      }
    }
  }
  const isRoot = await works('unshare', ['--mount', 'true'])
  const namespaces = isRoot ? ['--mount'] : ['--user', '--map-root-user', '--mount']
  if (!(await works('unshare', [...namespaces, '--pid', '--uts', '--ipc', '--fork', 'true']))) {
    return {
      message: 'the sandbox needs user namespaces, which this machine refuses',
      next: allowNamespaces(),
    }
  }
  if (!(await works('unshare', [...namespaces, '--pid', '--fork', 'mount', '-t', 'proc', 'proc', '/proc']))) {
    return {
      message: 'the sandbox cannot mount a /proc of its own here: this container hides parts of /proc',
      next: 'Run the container with --security-opt systempaths=unconfined, or work outside it.',
    }
  }
  if (!(await works('unshare', [...namespaces, 'sh', '-c', OVERLAY]))) {
    return {
      message: 'the sandbox needs overlay mounts in user namespaces (Linux 5.11 or newer)',
      next: 'Run: sudo modprobe overlay',
    }
  }
  return undefined
}

function allowNamespaces(): string {
  for (const [file, forbids, allow] of SETTINGS) {
    const path = `/proc/sys/${file}`
    if (existsSync(path) && readFileSync(path, 'utf8').trim() === forbids) return `Run: ${allow}`
  }
  return 'In a container: run it with --security-opt seccomp=unconfined --cap-add SYS_ADMIN.'
}

function works(program: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, args, { env: { PATH } }, (error) => resolve(error === null))
  })
}
