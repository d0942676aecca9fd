/** The command line: what can be said, and what is called for it. Each command's code is loaded when it is the one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { BuildStackError } from '../errors.ts'
import { packageRoot } from '../paths.ts'
import { addChangingCommands } from './changingCommands.ts'
import { count, minutes } from './commandParts.ts'
import { addJobCommands } from './jobCommands.ts'
import { addReadingCommands } from './readingCommands.ts'
import { addServiceCommands } from './serviceCommands.ts'
import { addSyncCommands } from './syncCommands.ts'

export interface GlobalOptions {
  directory: string
  json: boolean
}

export interface ConnectingOptions extends GlobalOptions {
  acceptNewHostKeys: boolean
}

export interface BuildOptions extends ConnectingOptions {
  only: string[]
  dryRun: boolean
  verbose: boolean
  offline: boolean
  yes: boolean
  sources?: string
  /** False: build anew, whatever packages there are. */
  packages: boolean
  /** Builds that an earlier job had begun start over. */
  anew?: boolean
  /** They begin with the step of this title. */
  from?: string
  /** What is nobody's, in the way, and the same as what is installed. */
  adopt?: boolean
  /** What is nobody's and in the way. */
  overwrite?: boolean
  /** The recipes of --only are installed anew, also where nothing differs. */
  reinstall?: boolean
  /** File for the plan; nothing is carried out then. */
  out?: string
  /** Minutes to wait for a host where another job runs; true for as long as a build takes. */
  wait?: number | true
  /** False: print a long plan as it is. */
  pager?: boolean
  /** Recipes at once, on all hosts together. */
  jobs?: number
  hostsAtOnce?: number
  failFast?: boolean
  /** Hosts of a batch. */
  serial?: number
  /** Hosts that come first, each alone. */
  canary?: string[]
}

/** Several names in one option, or the option several times. */
const names = (value: string, before: string[]) => [...before, ...value.split(',').filter(Boolean)]

/** Sets the exit status through `exit`; a wrong command line is a BuildStackError USAGE. */
export function createProgram(exit: (status: number) => void): Command {
  const program = new Command('build-stack')
  program
    .description('Builds software from source on hosts, over SSH, from recipes.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showSuggestionAfterError()
    .configureOutput({ outputError: () => {} })
    .exitOverride((error) => {
      if (error.exitCode === 0) throw error
      throw new BuildStackError('USAGE', error.message.replace(/^error: /, ''), {
        next: 'see build-stack --help',
      })
    })
    .addOption(
      new Option('-C, --directory <folder>', 'folder with hosts.yaml, recipes/ and patches/').default(
        '',
        'this one',
      ),
    )
    .option('--json', 'print JSON lines', false)
    .addHelpText('after', EXAMPLES)

  program
    .argument('[hosts...]', "names, patterns, @groups or all; '!NAME' leaves out")
    .option('--only <recipes>', 'only these recipes (with commas) and what they need', names, [])
    .option('-n, --dry-run', 'show what would be done and why; change nothing', false)
    .option('-v, --verbose', 'print the output of every step', false)
    .option('--accept-new-host-keys', 'add unknown host keys to known_hosts without asking', false)
    .option('--offline', 'use only sources that are on this machine', false)
    .option('--sources <folder>', 'folder of archives and of clones to look in first')
    .option('-y, --yes', 'do not ask before a run for every host', false)
    .option('--wait [minutes]', 'wait for a host where another job runs (60 without a number)', minutes)
    .option('--jobs <n>', 'recipes at once, on all hosts together', count)
    .option('--hosts-at-once <n>', 'hosts at once', count)
    .option('--fail-fast', 'begin nothing more, on any host, once something has failed', false)
    .option('--serial <n>', 'hosts in batches of n; the first batch that fails is the last', count)
    .option(
      '--canary <hosts>',
      'these hosts first (with commas), one after the other, then the rest',
      names,
      [],
    )
    .option('--no-packages', 'build anew, even where a package with the same inputs is there')
    .option(
      '--anew',
      'start builds over that failed or were cut off; they go on where they can without it',
      false,
    )
    .option('--from <step>', 'begin such builds with this step, or earlier')
    .option('--adopt', "take over files of nobody that are the same as a recipe's", false)
    .option('--overwrite', 'replace files of nobody that are in the way; they are kept aside', false)
    .option('--reinstall', 'install the recipes of --only anew, also where nothing differs', false)
    .option('--out <file>', 'save the plan for build-stack apply; change nothing')
    .option('--no-pager', 'print a long plan as it is')
    .action(async (hosts: string[], _options, command: Command) => {
      const { build } = await import('./build.ts')
      exit(await build(hosts, command.optsWithGlobals<BuildOptions>()))
    })

  addChangingCommands(program, exit)
  addReadingCommands(program, exit)
  addJobCommands(program, exit)
  addServiceCommands(program, exit)
  addSyncCommands(program, exit)

  program
    .command('check')
    .description('check hosts.yaml, every recipe and every patch list, without a host')
    .action(async (_options, command: Command) => {
      const { check } = await import('./check.ts')
      exit(await check(command.optsWithGlobals<GlobalOptions>()))
    })

  program
    .command('checksum')
    .description('print the checksum line of an archive that you have verified, for a recipe that lacks it')
    .argument('<recipe>')
    .argument('<version>')
    .argument('<file>', 'the archive on this machine')
    .action(async (recipe: string, version: string, file: string, _options, command: Command) => {
      const { checksum } = await import('./checksum.ts')
      exit(await checksum(recipe, version, file, command.optsWithGlobals<GlobalOptions>()))
    })

  program
    .command('sandbox')
    .description('the hosts made of this machine: status, start, stop, reset (stop and forget everything)')
    .argument('<action>', 'status, start, stop or reset')
    .argument('[hosts...]', 'names of sandboxes; all without')
    .action(async (action: string, hosts: string[], _options, command: Command) => {
      const { sandbox } = await import('./sandbox.ts')
      exit(await sandbox(action, hosts, command.optsWithGlobals<GlobalOptions>()))
    })

  return program
}

const EXAMPLES = `
Examples:
  build-stack server1                      everything that server1 should have
  build-stack server2 --only mysql         one recipe, and what it needs
  build-stack 'web*' @database '!web3'     patterns, groups and roles, but not web3
  build-stack server1 server2 --dry-run    what would change, and why
  build-stack status server1               what is there now

Exit status: 0 done, or nothing to do; 1 a step or a service failed; 2 changes pending (--dry-run);
  64 command line; 65 recipe or hosts.yaml; 66 source; 68 connection; 69 prerequisite; 75 try again; 130 stopped.`

function readVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version
}
