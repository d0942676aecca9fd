/** Reads what a host keeps for going back. */
import type { Host } from '../config/hosts.ts'
import type { KeptPackage } from '../plan/rollback.ts'
import { commandLine } from '../shell.ts'
import type { Transport } from '../transports/transport.ts'
import { parsePackageInfo } from './package.ts'

/** Newest first. One that cannot be read is left out: it cannot be brought back either. */
export async function keptPackages(host: Host, transport: Transport): Promise<KeptPackage[]> {
  const script =
    'cd "$1/var/build-stack/packages" 2>/dev/null || exit 0; ls -t | sed -n "s/\\.json\\$//p" | ' +
    'while read name; do echo "$name"; tr "\\n" " " <"$name.json"; echo; done'
  const { stdout } = await transport.exec(`exec ${commandLine(['/bin/sh', '-c', script, 'sh', host.prefix])}`)
  const lines = stdout.toString('utf8').split('\n')
  const kept: KeptPackage[] = []
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const info = parsePackageInfo(lines[index + 1] as string)
    if (!('reason' in info)) kept.push({ name: lines[index] as string, info })
  }
  return kept
}
