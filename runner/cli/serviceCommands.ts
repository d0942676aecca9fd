/** The commands about services: their part of the command line. */
import type { Command } from 'commander'
import type { ServiceVerb } from '../services/supervisor.ts'
import { changing, connecting, exampleText, minutes } from './commandParts.ts'
import type { BuildOptions, ConnectingOptions } from './program.ts'

const VERBS: readonly [ServiceVerb, string, string][] = [
  [
    'start',
    'start services, now and at every boot, and wait until they are up',
    'build-stack start server1 memcached\nbuild-stack start slice nginx varnish',
  ],
  [
    'stop',
    'stop services; they stay stopped after a boot and after an upgrade',
    'build-stack stop server1 memcached',
  ],
  [
    'restart',
    'restart services, and wait until they are up again',
    'build-stack restart server1 memcached\nbuild-stack restart "web*" apache',
  ],
  [
    'refresh',
    'let services read their configuration again without a restart',
    'build-stack refresh slice varnish',
  ],
]

/** Each sets the exit status through `exit`. A command's code is loaded when it is the one. */
export function addServiceCommands(program: Command, exit: (status: number) => void): void {
  connecting(
    program,
    'services',
    'the services of hosts: state, since when, at boot, processes, log, and why one is not up',
    'build-stack services server1\nbuild-stack services --json',
  )
    .argument('[hosts...]', 'names, patterns or @groups; all hosts without')
    .addHelpText('after', '\nExit status: 0 all are up that should be; 1 one is not.')
    .action(async (hosts: string[], _options, command: Command) => {
      const { services } = await import('./services.ts')
      exit(await services(hosts, command.optsWithGlobals<ConnectingOptions>()))
    })
  for (const [verb, description, example] of VERBS) {
    changing(program, verb, description)
      .argument('<host>', 'a host of hosts.yaml, or a pattern')
      .argument('<services...>', 'names of services, or of recipes for all of their services')
      .option('--wait [minutes]', 'wait for a host where another job runs (60 without a number)', minutes)
      .addHelpText('after', exampleText(example))
      .action(async (host: string, services: string[], _options, command: Command) => {
        const { controlServices } = await import('./controlServices.ts')
        exit(await controlServices(verb, host, services, command.optsWithGlobals<BuildOptions>()))
      })
  }
}
