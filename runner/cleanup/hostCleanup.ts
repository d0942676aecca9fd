/** gc.sh's command for a host, and what it answers. Pure. */
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import { quote } from '../shell.ts'
import { type Look, type LookFacts, lookCommand } from '../verify/lookCommand.ts'
import type { Removed } from './removed.ts'

export function cleanupCommand(host: Host, facts: LookFacts, dryRun: boolean): Look {
  const values = { work: host.work, keep: String(host.keep), dry: dryRun ? 'yes' : 'no' }
  return lookCommand(host, facts, {
    assignments: Object.entries(values).map(([name, value]) => `${name}=${quote(value)}`),
    configuration: [],
    scripts: ['gc.sh'],
  })
}

export interface HostCleanup {
  removed: Removed[]
  /** A job runs there: the packages were left alone. */
  busy: boolean
}

/** @throws BuildStackError HOST for an answer that is cut. */
export function cleanupOf(host: string, output: string): HostCleanup {
  const lines = output.trimEnd().split('\n')
  if (lines.at(-1) !== 'end') {
    throw new BuildStackError('HOST', 'the host did not finish cleaning up', {
      host,
      log: lines.slice(-8),
      next: 'run it again',
    })
  }
  return {
    busy: lines.includes('busy'),
    removed: lines.flatMap((line): Removed[] => {
      const [, kind, kilobytes, name] = /^(job|build|package|leftover)\t(\d+)\t(.+)$/.exec(line) ?? []
      return name === undefined
        ? []
        : [{ kind: kind as Removed['kind'], name, bytes: Number(kilobytes) * 1024 }]
    }),
  }
}
