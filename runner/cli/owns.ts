/** `build-stack owns HOST PATH...`: which recipe installed these files, and whether they are as installed. */
import { loadProject } from '../config/load.ts'
import { ownershipOf, ownsCommand } from '../verify/ownership.ts'
import { onHosts, throwErrors } from './onHosts.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { wantsColor } from './report/color.ts'
import { ownsJson, ownsText } from './report/ownsText.ts'
import { hostNamed } from './selectHosts.ts'

/** Exit status when one of the paths is nobody's. */
const NOBODY = 1

export async function owns(name: string, paths: string[], options: ConnectingOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const results = await onHosts(project, [hostNamed(project, name)], options, async (open) => {
    const { command, stdin } = ownsCommand(open.host, open.facts, paths)
    const { stdout } = await open.transport.exec(command, { stdin })
    return ownershipOf(open.host, open.facts, paths, stdout.toString('utf8'))
  })
  throwErrors(results)
  const found = results.answers.flatMap(({ answer }) => answer)
  const color = wantsColor(process.stdout.isTTY, process.env)
  const text = options.json ? ownsJson(name, found) : ownsText(found, { color, now: new Date() })
  process.stdout.write(`${text}\n`)
  return found.some(({ owners }) => owners.length === 0) ? NOBODY : 0
}
