/** A script that looks at what is installed on a host, as one command: run with the rights to read it, fed on standard input. */
import { readFileSync } from 'node:fs'
import { sha256Command } from '../build/tools.ts'
import type { Host } from '../config/hosts.ts'
import { hostScript } from '../paths.ts'
import type { Facts } from '../probe/facts.ts'
import { hostPath } from '../probe/probe.ts'
import { pristinePath } from '../receipts/pristine.ts'
import { commandLine, exports, quote } from '../shell.ts'

export type LookFacts = Pick<Facts, 'receipts' | 'shell' | 'tools' | 'privilege'>

export interface Look {
  command: string
  stdin: string
}

/** A configuration file that a receipt names. */
export interface ConfigurationFile {
  recipe: string
  /** Absolute. */
  path: string
}

export interface LookParts {
  /** Lines of shell, their values quoted. */
  assignments: string[]
  /** What the script gets as "$@": three words of each. */
  configuration: readonly ConfigurationFile[]
  /** Of runner/host/, in the order in which they are read; one that ends with `exit` becomes a function. */
  scripts: readonly (string | { function: string; script: string })[]
}

/** Without the password a look sees what the user may see. */
export const PRIVILEGE = {
  none: [],
  pfexec: ['pfexec'],
  sudo: ['sudo', '-n'],
  'sudo-password': [],
  'sudo-terminal': [],
}

export function lookCommand(host: Pick<Host, 'prefix' | 'path'>, facts: LookFacts, parts: LookParts): Look {
  const words = parts.configuration.flatMap(({ recipe, path }) => [
    recipe,
    pristinePath(host.prefix, recipe, path),
    path,
  ])
  return {
    command: commandLine(['exec', ...PRIVILEGE[facts.privilege ?? 'none'], facts.shell, '-s']),
    stdin: [
      exports({
        PATH: hostPath(host).join(':'),
        BUILD_STACK_SHELL: facts.shell,
        BUILD_STACK_SHA256: sha256Command(facts.tools),
      }),
      `prefix=${quote(host.prefix)}`,
      ...parts.assignments,
      commandLine(['set', '--', ...words]),
      ...parts.scripts.map((one) =>
        typeof one === 'string' ? text(one) : `${one.function}() (\n${text(one.script)})`,
      ),
    ].join('\n'),
  }
}

export function configurationFiles(facts: Pick<Facts, 'receipts'>): ConfigurationFile[] {
  return Object.values(facts.receipts).flatMap(({ recipe, inputs }) =>
    Object.keys(inputs.files)
      // Others are accounts and setups. The scripts' answers have a path a line.
      .filter((label) => label.startsWith('/') && !/[\t\n]/.test(label))
      .map((path) => ({ recipe, path })),
  )
}

/** Undefined for what is not below the prefix, or cannot be a line. */
export function relativeTo(prefix: string, path: string): string | undefined {
  return path.startsWith(`${prefix}/`) && !path.includes('\n') ? path.slice(prefix.length + 1) : undefined
}

function text(script: string): string {
  return readFileSync(hostScript(script), 'utf8')
}
