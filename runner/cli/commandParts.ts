/** What several commands have in common on the command line. */
import { type Command, InvalidArgumentError } from 'commander'

/** A command that connects: its option is the whole program's too, and is named in its help. */
export function connecting(program: Command, name: string, description: string, example: string): Command {
  return withHostKeys(program.command(name).description(description)).addHelpText(
    'after',
    exampleText(example),
  )
}

/** A command that changes hosts. */
export function changing(program: Command, name: string, description: string): Command {
  return withHostKeys(
    program
      .command(name)
      .description(description)
      .option('-n, --dry-run', 'show what would be done; change nothing', false)
      .option('-v, --verbose', 'print the output of every step', false)
      .option('-y, --yes', 'do not ask before it is done to every host', false),
  )
}

function withHostKeys(command: Command): Command {
  return command.option(
    '--accept-new-host-keys',
    'add unknown host keys to known_hosts without asking',
    false,
  )
}

/** For the help; lines of its own. */
export function exampleText(example: string): string {
  return `\nExample:\n  ${example.replaceAll('\n', '\n  ')}`
}

/** The values of an option that may come several times. */
export const several = (value: string, before: string[]) => [...before, value]

/** How many, for an option. */
export function count(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new InvalidArgumentError('it is a whole number from 1 on.')
}

/** The number of an option --wait. */
export function minutes(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('minutes are a whole number; name hosts before --wait.')
}
