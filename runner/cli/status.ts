/** `build-stack status [HOST...]`: one probe of each host, and what it has. */
import { loadProject } from '../config/load.ts'
import { BuildStackError, BuildStackErrors } from '../errors.ts'
import { probeHost } from '../probe/probeHost.ts'
import { connectHost } from '../run/connectHost.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { wantsColor } from './report/color.ts'
import { type StatusRow, statusJson, statusTable } from './report/statusTable.ts'
import { hostsNamed } from './selectHosts.ts'
import { sshInteraction } from './terminal.ts'

export async function status(names: string[], options: BuildOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const hosts = names.length > 0 ? hostsNamed(project, names) : [...project.hosts.values()]
  const interaction = sshInteraction(options.acceptNewHostKeys, (question) => question())
  const signal = new AbortController().signal
  const errors: BuildStackError[] = []
  const rows = await Promise.all(
    hosts.map(async (host): Promise<StatusRow[]> => {
      try {
        const transport = await connectHost(host, {
          hosts: project.hosts,
          interaction,
          env: process.env,
          signal,
        })
        try {
          const facts = await probeHost(host, transport)
          return Object.values(facts.receipts).map((receipt) => ({
            host: host.name,
            recipe: receipt.recipe,
            version: receipt.version,
            installedAt: receipt.installedAt,
            service: receipt.services.map(({ fmri }) => {
              const found = facts.services.find((service) => service.fmri === fmri)
              return { fmri, state: found?.state ?? 'absent', since: undefined }
            }),
            wanted: host.recipes[receipt.recipe]?.version,
          }))
        } finally {
          await transport.close()
        }
      } catch (error) {
        if (!(error instanceof BuildStackError)) throw error
        errors.push(error.with({ host: host.name }))
        return []
      }
    }),
  )
  const color = wantsColor(process.stdout.isTTY, process.env)
  const text = options.json
    ? statusJson(rows.flat())
    : statusTable(
        hosts.map((host) => host.name),
        rows.flat(),
        { color, now: new Date() },
      )
  process.stdout.write(`${text}\n`)
  if (errors.length > 0) throw new BuildStackErrors(errors)
  return 0
}
