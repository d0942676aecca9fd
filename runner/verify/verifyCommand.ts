/** What verify runs on a host: one command, and the script that is fed to it. */
import type { Host } from '../config/hosts.ts'
import { quote } from '../shell.ts'
import { configurationFiles, type Look, type LookFacts, lookCommand, relativeTo } from './lookCommand.ts'

export interface VerifyOptions {
  /** Only what is there and how large: no contents, no libraries. */
  quick: boolean
  /** Absolute paths below the prefix that may be there though no list has them, with all that is below them. */
  known: readonly string[]
}

export function verifyCommand(
  host: Pick<Host, 'prefix' | 'path'>,
  facts: LookFacts,
  { quick, known }: VerifyOptions,
): Look {
  const configuration = configurationFiles(facts)
  const files = configuration.flatMap(({ path }) => [path, `${path}.new`])
  const paths = [...known, ...files].flatMap((path) => relativeTo(host.prefix, path) ?? [])
  return lookCommand(host, facts, {
    assignments: [`quick=${quick ? 'yes' : ''}`, `known=${quote(paths.join('\n'))}`],
    configuration,
    scripts: ['tree.sh', 'recorded.sh', { function: 'link_check', script: 'link-check.sh' }, 'verify.sh'],
  })
}
