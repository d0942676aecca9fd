/** Whether a host has what a package's files need of it: the C library's symbol versions, the processor's abilities. Pure. */
import type { Facts } from '../probe/facts.ts'
import type { Floor } from '../receipts/receipt.ts'

type HostFloor = Pick<Facts, 'libc' | 'cpu'>

/** What the host lacks, as words after "it needs ..."; undefined when it has all, or nothing is known of the package. */
export function floorProblem(floor: Floor | undefined, host: HostFloor): string | undefined {
  for (const wanted of floor?.libc ?? []) {
    if (host.libc?.some((offered) => offers(offered, wanted))) continue
    const has = host.libc
      ? `the host has ${host.libc.map(shown).join(', ')}`
      : 'the host does not say what it has'
    return `${shown(wanted)}, and ${has}`
  }
  const lacking = (floor?.cpu ?? []).filter((name) => !host.cpu?.includes(name))
  if (lacking.length === 0) return undefined
  return host.cpu
    ? `a processor with ${lacking.join(', ')}, which the host's is not`
    : `a processor with ${lacking.join(', ')}, and the host does not say what it has`
}

/** illumos' versions go on where Sun's ended. */
function offers(offered: string, wanted: string): boolean {
  const [family = '', number = ''] = offered.split('_')
  const [wantedFamily = '', wantedNumber = ''] = wanted.split('_')
  if (family === 'ILLUMOS' && wantedFamily === 'SUNW') return true
  return family === wantedFamily && !isLater(wantedNumber, number)
}

/** By their numbers: 2.9 is before 2.34. */
function isLater(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => text.split('.').map(Number)) as [number[], number[]]
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}

function shown(version: string): string {
  return version.startsWith('GLIBC_') ? `glibc ${version.slice('GLIBC_'.length)}` : `libc ${version}`
}
