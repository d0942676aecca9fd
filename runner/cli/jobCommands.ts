/** The commands about jobs that run on hosts, or did: their part of the command line. */
import type { Command } from 'commander'
import { connecting, count, several } from './commandParts.ts'
import type { LogsOptions } from './logs.ts'
import type { ConnectingOptions } from './program.ts'
import type { PsOptions } from './ps.ts'
import type { ShellOptions } from './shell.ts'

/** Each sets the exit status through `exit`. A command's code is loaded when it is the one. */
export function addJobCommands(program: Command, exit: (status: number) => void): void {
  const about = (name: string, description: string, example: string) =>
    connecting(program, name, description, example)

  about(
    'ps',
    'the jobs that run on hosts, and the last ones that did: step, since when, by whom',
    'build-stack ps\nbuild-stack ps server1 --last 3\nbuild-stack ps --running',
  )
    .argument('[hosts...]', 'names, patterns or @groups; all hosts without')
    .option('--last <count>', 'at most so many of each host', count, 10)
    .option('--running', 'only those that run', false)
    .action(async (hosts: string[], _options, command: Command) => {
      const { ps } = await import('./ps.ts')
      exit(await ps(hosts, command.optsWithGlobals<PsOptions>()))
    })

  about(
    'logs',
    'what the newest job of a recipe printed on its host; with --service what a service wrote to its log',
    'build-stack logs server1 memcached\nbuild-stack logs server1 memcached configure\nbuild-stack logs server1 memcached -f\n' +
      'build-stack logs server1 memcached --service',
  )
    .argument('<host>', 'a host of hosts.yaml')
    .argument('<recipe>', 'with --service the name of a service')
    .argument('[step]', 'the output of this step alone')
    .option('--service', 'the log of the service that runs, not of a job', false)
    .option('--last <lines>', 'with --service: so many of its last lines', count, 100)
    .option('-f, --follow', 'go on until the job has ended, or Ctrl-C leaves the service', false)
    .option('--offline', 'do not connect: the copy on this machine', false)
    .action(async (host: string, name: string, step: string | undefined, _options, command: Command) => {
      const options = command.optsWithGlobals<LogsOptions>()
      if (options.service) {
        const { serviceLog } = await import('./serviceLog.ts')
        exit(await serviceLog(host, name, step, options))
        return
      }
      const { logs } = await import('./logs.ts')
      exit(await logs(host, name, step, options))
    })

  about(
    'attach',
    'follow the jobs that run on a host, whoever started them, from their first lines to their ends',
    'build-stack attach server1    Ctrl-C leaves them; the jobs go on',
  )
    .argument('<host>', 'a host of hosts.yaml')
    .argument('[job]', 'its name, as ps shows it; all that run without')
    .addHelpText(
      'after',
      '\nExit status: 0 they are done; 1 one failed; 130 one was cancelled, or they were left.',
    )
    .action(async (host: string, job: string | undefined, _options, command: Command) => {
      const { attach } = await import('./attach.ts')
      exit(await attach(host, job, command.optsWithGlobals<ConnectingOptions>()))
    })

  about(
    'shell',
    'a shell in the build folder that a failed build has left, in the environment of its steps',
    'build-stack shell server1 memcached\nbuild-stack shell server1 memcached --patch listen-address',
  )
    .argument('<host>', 'a host of hosts.yaml')
    .argument('<recipe>')
    .option(
      '--patch <name>',
      'write what was changed there as a patch for patches/, instead of opening a shell',
    )
    .option('--add <path>', 'a new file that belongs to the patch, by its path in the source', several, [])
    .addHelpText('after', '\nWithout a terminal the shell reads its commands from standard input.')
    .action(async (host: string, recipe: string, _options, command: Command) => {
      const { shell } = await import('./shell.ts')
      exit(await shell(host, recipe, command.optsWithGlobals<ShellOptions>()))
    })

  about(
    'cancel',
    'end the jobs that run on a host, with all their processes; what they had begun is undone',
    'build-stack cancel server1',
  )
    .argument('<host>', 'a host of hosts.yaml')
    .argument('[job]', 'its name, as ps shows it; all that run without')
    .addHelpText('after', '\nExit status: 0 nothing of them is left; 1 it was too late for one.')
    .action(async (host: string, job: string | undefined, _options, command: Command) => {
      const { cancel } = await import('./cancel.ts')
      exit(await cancel(host, job, command.optsWithGlobals<ConnectingOptions>()))
    })
}
