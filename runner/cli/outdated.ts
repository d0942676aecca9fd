/** `build-stack outdated [HOST...]`: installed versions against the wanted and the newest ones. */
import { mkdir } from 'node:fs/promises'
import { loadProject, type Project } from '../config/load.ts'
import { type VersionRow, versionRows } from '../desired/outdated.ts'
import { cacheFolder } from '../paths.ts'
import { upstreamPlace } from '../upstream/place.ts'
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
  const found = results.answers.map(({ host, answer }) => ({ host: host.name, rows: answer }))
  const rows = options.upstream ? await withUpstream(found, project) : found
  const color = wantsColor(process.stdout.isTTY, process.env)
  const { all, upstream } = options
  const text = options.json ? outdatedJson(rows) : outdatedText(rows, { color, all, upstream })
  if (text) process.stdout.write(`${text}\n`)
  throwErrors(results)
  return 0
}

interface HostRows {
  host: string
  rows: VersionRow[]
}

/** Each recipe's place is asked once, whatever number of hosts have it. */
async function withUpstream(hosts: HostRows[], project: Project): Promise<HostRows[]> {
  const { lookUp } = await import('../upstream/lookUp.ts')
  const names = [...new Set(hosts.flatMap(({ rows }) => rows.map(({ recipe }) => recipe)))]
  const recipes = await project.recipesFor(names.filter((name) => project.recipeNames.includes(name)))
  const places = [...recipes].flatMap(([name, recipe]) => {
    const place = names.includes(name) ? upstreamPlace(recipe) : undefined
    return place ? [[name, place] as const] : []
  })
  const folder = cacheFolder('apt')
  await mkdir(folder, { recursive: true })
  const found = await lookUp(new Map(places), { folder })
  return hosts.map(({ host, rows }) => ({
    host,
    rows: rows.map((row) => ({ ...row, upstream: found.get(row.recipe) })),
  }))
}
