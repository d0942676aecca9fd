/** `build-stack outdated [HOST...]`: installed versions against the wanted and the newest ones. */
import { loadProject } from '../config/load.ts'
import { versionRows } from '../desired/outdated.ts'
import { onHosts, throwErrors } from './onHosts.ts'
import { projectFolder } from './projectFolder.ts'
import type { OutdatedOptions } from './readingCommands.ts'
import { wantsColor } from './report/color.ts'
import { outdatedJson, outdatedText } from './report/outdatedTable.ts'
import { hostsOrAll } from './selectHosts.ts'

export async function outdated(names: string[], options: OutdatedOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const results = await onHosts(project, hostsOrAll(project, names), options, async ({ host, facts }) => {
    const known = Object.keys(facts.receipts).filter((name) => project.recipeNames.includes(name))
    const recipes = await project.recipesFor([...Object.keys(host.recipes), ...known])
    return versionRows(host, recipes, facts, facts.receipts)
  })
  const rows = results.answers.map(({ host, answer }) => ({ host: host.name, rows: answer }))
  const color = wantsColor(process.stdout.isTTY, process.env)
  const text = options.json ? outdatedJson(rows) : outdatedText(rows, { color, all: options.all })
  if (text) process.stdout.write(`${text}\n`)
  throwErrors(results)
  return 0
}
