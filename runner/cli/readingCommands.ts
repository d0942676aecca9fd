/** The commands that only look: their part of the command line. */
import type { Command } from 'commander'
import { connecting } from './commandParts.ts'
import type { BuildOptions, ConnectingOptions, GlobalOptions } from './program.ts'

export interface VerifyCommandOptions extends ConnectingOptions {
  quick: boolean
  foreign: boolean
}

export interface WhyOptions extends ConnectingOptions {
  offline: boolean
}

export interface OutdatedOptions extends ConnectingOptions {
  all: boolean
  upstream: boolean
}

export interface CompareOptions extends ConnectingOptions {
  verbose: boolean
}

/** Each sets the exit status through `exit`. A command's code is loaded when it is the one. */
export function addReadingCommands(program: Command, exit: (status: number) => void): void {
  const reading = (name: string, description: string, example: string) =>
    connecting(program, name, description, example)
  const optionsOf = <T extends GlobalOptions>(command: Command) => command.optsWithGlobals<T>()

  reading(
    'status',
    'what is installed on hosts, since when, and whether its services are up',
    'build-stack status server1\nbuild-stack status            more than two hosts: a matrix of recipes and hosts',
  )
    .argument('[hosts...]', 'names, patterns or @groups; all hosts without')
    .action(async (hosts: string[], _options, command: Command) => {
      const { status } = await import('./status.ts')
      exit(await status(hosts, optionsOf<ConnectingOptions>(command)))
    })

  reading(
    'diff',
    'what a run would do on these hosts, and why: the dry run',
    'build-stack diff server1 server2\nbuild-stack compare server1 server2    what the two have, side by side',
  )
    .argument('<hosts...>', "names, patterns, @groups or all; '!NAME' leaves out")
    .option('--only <recipes>', 'only these recipes (with commas) and what they need')
    .option('-v, --verbose', 'show the steps and lists of files too', false)
    .option('--out <file>', 'save the plan for build-stack apply')
    .option('--no-pager', 'print a long plan as it is')
    .action(async (hosts: string[], _options, command: Command) => {
      const { build } = await import('./build.ts')
      exit(await build(hosts, { ...optionsOf<BuildOptions>(command), dryRun: true }))
    })

  reading(
    'verify',
    'compare what is on hosts with what was recorded: files, services, records, libraries',
    'build-stack verify server1\nbuild-stack verify --quick --json    all hosts, without reading contents',
  )
    .argument('[hosts...]', 'names, patterns or @groups; all hosts without')
    .option('--quick', 'only what is there, sizes and modes: no contents, no libraries', false)
    .option('--no-foreign', 'do not look for files that no recipe installed')
    .addHelpText('after', '\nExit status: 0 as recorded; 1 something is wrong. Notes are no faults.')
    .action(async (hosts: string[], _options, command: Command) => {
      const { verify } = await import('./verify.ts')
      exit(await verify(hosts, optionsOf<VerifyCommandOptions>(command)))
    })

  reading(
    'owns',
    'which recipe and version installed files, since when, and whether they are as installed',
    'build-stack owns server1 /opt/local/bin/memcached\nbuild-stack owns server1 bin/memcached    relative to the prefix',
  )
    .argument('<host>', 'a host of hosts.yaml')
    .argument('<paths...>', 'absolute, or relative to the prefix; files or folders')
    .addHelpText('after', '\nExit status: 0 all belong to recipes; 1 one belongs to nobody.')
    .action(async (host: string, paths: string[], _options, command: Command) => {
      const { owns } = await import('./owns.ts')
      exit(await owns(host, paths, optionsOf<ConnectingOptions>(command)))
    })

  reading(
    'why',
    'who wants a recipe on a host, why this version, and what would change',
    'build-stack why server1 libevent\nbuild-stack why server1 libevent --offline    with what was last seen of the host',
  )
    .argument('<host>', 'a host of hosts.yaml')
    .argument('<recipe>')
    .option('--offline', 'do not connect: what the inventory remembers', false)
    .action(async (host: string, recipe: string, _options, command: Command) => {
      const { why } = await import('./why.ts')
      exit(await why(host, recipe, optionsOf<WhyOptions>(command)))
    })

  reading(
    'outdated',
    'recipes whose installed version is not the wanted or the newest one',
    'build-stack outdated\nbuild-stack outdated server1 --all    those that are up to date too\nbuild-stack outdated --upstream    releases that the recipes lack',
  )
    .argument('[hosts...]', 'names, patterns or @groups; all hosts without')
    .option('--all', 'show recipes that are up to date too', false)
    .option('--upstream', 'also ask where the recipes say that releases are announced', false)
    .action(async (hosts: string[], _options, command: Command) => {
      const { outdated } = await import('./outdated.ts')
      exit(await outdated(hosts, optionsOf<OutdatedOptions>(command)))
    })

  reading(
    'compare',
    'two hosts side by side: versions, inputs, files, services',
    'build-stack compare server1 server2\nbuild-stack compare server1 server2 -v    every file that differs',
  )
    .argument('<host>', 'a host of hosts.yaml')
    .argument('<other>', 'another one')
    .option('-v, --verbose', 'name every file that differs', false)
    .addHelpText('after', '\nExit status: 0 equal; 1 different.')
    .action(async (one: string, other: string, _options, command: Command) => {
      const { compare } = await import('./compare.ts')
      exit(await compare(one, other, optionsOf<CompareOptions>(command)))
    })

  reading(
    'history',
    'what was done on a host: when, by whom, with which result',
    'build-stack history server1\nbuild-stack history server1 memcached',
  )
    .argument('<host>', 'a host of hosts.yaml')
    .argument('[recipe]', 'only this one')
    .action(async (host: string, recipe: string | undefined, _options, command: Command) => {
      const { history } = await import('./history.ts')
      exit(await history(host, recipe, optionsOf<ConnectingOptions>(command)))
    })
}
