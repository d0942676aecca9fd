/** What a cleanup took away, or would take, as text and as JSON. */
import type { HostCleanup } from '../../cleanup/hostCleanup.ts'
import type { Removed } from '../../cleanup/removed.ts'
import { bytes } from './duration.ts'

export interface Cleanup extends HostCleanup {
  /** A host's name, or "this machine". */
  where: string
}

export function cleanupText(all: readonly Cleanup[], dryRun: boolean): string {
  return all.flatMap((one) => cleanupLines(one, dryRun)).join('\n')
}

function cleanupLines({ where, removed, busy }: Cleanup, dryRun: boolean): string[] {
  const sum = removed.reduce((total, { bytes }) => total + bytes, 0)
  const verb = dryRun ? 'would free' : 'freed'
  return [
    removed.length > 0 ? `${where}: ${verb} ${bytes(sum)}` : `${where}: nothing to clean up`,
    ...removed.map((one) => `  ${one.kind.padEnd(8)} ${one.name}  ${bytes(one.bytes)}`),
    ...(busy ? ['  a job runs there: its packages were left alone'] : []),
  ]
}

/** One object a line. */
export function cleanupJson(all: readonly Cleanup[], dryRun: boolean): string {
  const sum = (removed: readonly Removed[]) => removed.reduce((total, { bytes }) => total + bytes, 0)
  return all
    .map(({ where, removed, busy }) =>
      JSON.stringify({ type: 'cleanup', where, dryRun, busy, bytes: sum(removed), removed }),
    )
    .join('\n')
}
