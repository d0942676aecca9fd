/** `build-stack gc [HOST...]`: takes away what hosts and this machine keep and nobody needs. */
import { cleanController } from '../cleanup/controllerCleanup.ts'
import { cleanupCommand, cleanupOf, type HostCleanup } from '../cleanup/hostCleanup.ts'
import { loadProject, type Project } from '../config/load.ts'
import { cacheFolder } from '../paths.ts'
import { hostsToChange } from './confirmHosts.ts'
import { onHosts, throwErrors } from './onHosts.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { cleanupJson, cleanupText } from './report/cleanupText.ts'

export interface GcOptions extends ConnectingOptions {
  dryRun: boolean
  yes: boolean
}

/** The hosts, one after the other in the output, and this machine. */
export async function gc(words: string[], options: GcOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const hosts = words.length > 0 ? await hostsToChange(project, words, options) : []
  const results = await onHosts(project, hosts, options, async ({ host, facts, line }) => {
    const { command, stdin } = cleanupCommand(host, facts, options.dryRun)
    const { stdout } = await line.transport().exec(command, { stdin })
    return cleanupOf(host.name, stdout.toString('utf8'))
  })
  const here: HostCleanup = { removed: await cleanThisMachine(project, options.dryRun), busy: false }
  const all = [
    ...results.answers.map(({ host, answer }) => ({ where: host.name, ...answer })),
    { where: 'this machine', ...here },
  ]
  process.stdout.write(
    `${options.json ? cleanupJson(all, options.dryRun) : cleanupText(all, options.dryRun)}\n`,
  )
  throwErrors(results)
  return 0
}

function cleanThisMachine({ cache }: Pick<Project, 'cache'>, dryRun: boolean) {
  return cleanController(cacheFolder(), cache, { dryRun, now: new Date() })
}
