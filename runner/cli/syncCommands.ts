/** The commands for files in S3: their part of the command line. */
import type { Command } from 'commander'
import type { ConnectingOptions } from './program.ts'

export interface SyncCommandOptions extends ConnectingOptions {
  dryRun: boolean
  quiet: boolean
  delete: boolean
  force: boolean
  /** False: the cache is believed. */
  rebuildCache: boolean
  createBucket: boolean
}

export interface RestoreCommandOptions extends ConnectingOptions {
  dryRun: boolean
  quiet: boolean
  overwrite: boolean
  to?: string
  at?: string
}

export function addSyncCommands(program: Command, exit: (status: number) => void): void {
  program
    .command('sync')
    .description('make an S3 bucket what folders are: backups and public media')
    .argument('<profile>', 'NAME of sync/NAME.yaml, or a file')
    .option('-n, --dry-run', 'show what would be done and why; change nothing', false)
    .option('--delete', 'remove objects whose files are gone; never what other clients put', false)
    .option('--no-rebuild-cache', 'believe the cache, without a look at the bucket')
    .option('--force', 'also replace and remove what other clients put', false)
    .option('--create-bucket', 'make the bucket if it is not there', false)
    .option('--accept-new-host-keys', 'add unknown host keys to known_hosts without asking', false)
    .option('-q, --quiet', 'print only what went wrong', false)
    .addHelpText('after', '\nExample:\n  build-stack sync media --delete --dry-run')
    .action(async (profile: string, _options, command: Command) => {
      const { syncCommand } = await import('./sync.ts')
      exit(await syncCommand(profile, command.optsWithGlobals<SyncCommandOptions>()))
    })
  program
    .command('restore')
    .description('make files of what sync put into a bucket')
    .argument('<profile>', 'NAME of sync/NAME.yaml, or a file')
    .argument('[paths...]', 'only these, and what is in them; as the keys are, without the prefix')
    .option(
      '--to <folder>',
      'below this folder, or HOST:/FOLDER; HOST: alone for where they came from, but there',
    )
    .option('--at <time>', 'as it was then (2026-11-20T18:00), in a bucket that keeps versions')
    .option('--overwrite', 'replace files that are there and differ', false)
    .option('--accept-new-host-keys', 'add unknown host keys to known_hosts without asking', false)
    .option('-n, --dry-run', 'show what would be made; change nothing', false)
    .option('-q, --quiet', 'print only what went wrong', false)
    .addHelpText('after', '\nExample:\n  build-stack restore media css --to server1:/tmp/media')
    .action(async (profile: string, paths: string[], _options, command: Command) => {
      const { restoreCommand } = await import('./restore.ts')
      exit(await restoreCommand(profile, paths, command.optsWithGlobals<RestoreCommandOptions>()))
    })
}
