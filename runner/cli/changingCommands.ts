/** Registers the commands that change hosts besides the build itself. */
import type { Command } from 'commander'
import type { AdoptOptions } from './adopt.ts'
import type { ApplyOptions } from './apply.ts'
import { changing, several } from './commandParts.ts'
import type { GcOptions } from './gc.ts'
import type { RemoveOptions } from './remove.ts'
import type { RollbackOptions } from './rollback.ts'

export function addChangingCommands(program: Command, exit: (status: number) => void): void {
  changing(program, 'rollback', 'bring earlier versions back from the packages that the host keeps')
    .argument('<host>')
    .argument('[recipe]', 'all that the last run on the host replaced without it')
    .option('--to <version>', 'this version, or this package; the one before without it')
    .option('--out <file>', 'save the plan for build-stack apply; change nothing')
    .addHelpText(
      'after',
      '\nExample:\n  build-stack rollback server1 memcached --to 1.6.17\n  build-stack rollback server1 --dry-run    what the last run replaced',
    )
    .action(async (host: string, recipe: string | undefined, _options, command: Command) => {
      const { rollback } = await import('./rollback.ts')
      exit(await rollback(host, recipe, command.optsWithGlobals<RollbackOptions>()))
    })
  changing(program, 'remove', 'take recipes off a host: their services, their files, their records')
    .argument('<host>')
    .argument('<recipes...>')
    .option('--with-dependents', 'also what needs them', false)
    .option('--out <file>', 'save the plan for build-stack apply; change nothing')
    .addHelpText('after', '\nExample:\n  build-stack remove server1 memcached --dry-run')
    .action(async (host: string, recipes: string[], _options, command: Command) => {
      const { remove } = await import('./remove.ts')
      exit(await remove(host, recipes, command.optsWithGlobals<RemoveOptions>()))
    })
  addApply(program, exit)
  changing(program, 'adopt', 'take a hand-made installation into the records without building it')
    .argument('<host>')
    .argument('<recipe>')
    .argument('<version>', 'the version that is installed; one of the recipe')
    .option('--files <list>', 'file on this machine with its paths, one a line')
    .option('--prefix-scan <pattern>', 'paths below the prefix; a folder stands for all in it', several, [])
    .option('--out <file>', 'save the plan for build-stack apply; change nothing')
    .addHelpText(
      'after',
      "\nExample:\n  build-stack adopt server1 memcached 1.6.18 --prefix-scan 'bin/memcached' --prefix-scan 'share/man/man1/memcached*'",
    )
    .action(async (host: string, recipe: string, version: string, _options, command: Command) => {
      const { adopt } = await import('./adopt.ts')
      exit(await adopt(host, recipe, version, command.optsWithGlobals<AdoptOptions>()))
    })
  program
    .command('gc')
    .description('take away what nobody needs: folders of ended jobs, packages and sources beyond the limits')
    .argument('[hosts...]', 'names, patterns, @groups or all; only this machine without')
    .option('-n, --dry-run', 'show what would go; change nothing', false)
    .option('-y, --yes', 'do not ask before it is done to every host', false)
    .option('--accept-new-host-keys', 'add unknown host keys to known_hosts without asking', false)
    .addHelpText('after', '\nExample:\n  build-stack gc server1 --dry-run')
    .action(async (hosts: string[], _options, command: Command) => {
      const { gc } = await import('./gc.ts')
      exit(await gc(hosts, command.optsWithGlobals<GcOptions>()))
    })
}

/** The options that a plan is saved with are in it. */
function addApply(program: Command, exit: (status: number) => void): void {
  program
    .command('apply')
    .description('carry out a plan that --out saved: exactly that, or nothing')
    .argument('<file>')
    .option('-n, --dry-run', 'show it, if it still fits; change nothing', false)
    .option('-v, --verbose', 'print the output of every step', false)
    .option('--accept-new-host-keys', 'add unknown host keys to known_hosts without asking', false)
    .option('--offline', 'use only sources that are on this machine', false)
    .option('--sources <folder>', 'folder of archives and of clones to look in first')
    .option('--no-pager', 'print a long plan as it is')
    .addHelpText(
      'after',
      '\nExample:\n  build-stack server1 server2 --out plan.json\n  build-stack apply plan.json\n' +
        '\nExit status 75: recipes, receipts or the host have changed since; 65: the file is damaged.',
    )
    .action(async (file: string, _options, command: Command) => {
      const { apply } = await import('./apply.ts')
      exit(await apply(file, command.optsWithGlobals<ApplyOptions>()))
    })
}
