/** Registers the commands that change hosts besides the build itself. */
import type { Command } from 'commander'
import type { RemoveOptions } from './remove.ts'
import type { RollbackOptions } from './rollback.ts'

export function addChangingCommands(program: Command, exit: (status: number) => void): void {
  changing(program, 'rollback', 'bring an earlier version back from the packages that the host keeps')
    .argument('<host>')
    .argument('<recipe>')
    .option('--to <version>', 'this version, or this package; the one before without it')
    .addHelpText('after', '\nExample:\n  build-stack rollback server1 memcached --to 1.6.17')
    .action(async (host: string, recipe: string, _options, command: Command) => {
      const { rollback } = await import('./rollback.ts')
      exit(await rollback(host, recipe, command.optsWithGlobals<RollbackOptions>()))
    })
  changing(program, 'remove', 'take recipes off a host: their services, their files, their records')
    .argument('<host>')
    .argument('<recipes...>')
    .option('--with-dependents', 'also what needs them', false)
    .addHelpText('after', '\nExample:\n  build-stack remove server1 memcached --dry-run')
    .action(async (host: string, recipes: string[], _options, command: Command) => {
      const { remove } = await import('./remove.ts')
      exit(await remove(host, recipes, command.optsWithGlobals<RemoveOptions>()))
    })
}

function changing(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-n, --dry-run', 'show what would be done; change nothing', false)
    .option('-v, --verbose', 'print the output of every step', false)
    .option('-y, --yes', 'do not ask before it is done to every host', false)
    .option('--accept-new-host-keys', 'add unknown host keys to known_hosts without asking', false)
}
