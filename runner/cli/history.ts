/** `build-stack history HOST [RECIPE]`: what was done on a host. */
import { loadProject } from '../config/load.ts'
import { suggestion } from '../config/suggest.ts'
import { BuildStackError } from '../errors.ts'
import type { HistoryEntry, parseHistory } from '../receipts/history.ts'
import { readHistory } from '../receipts/readHistory.ts'
import { onHosts, throwErrors } from './onHosts.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { wantsColor } from './report/color.ts'
import { historyTable } from './report/historyTable.ts'
import { hostNamed } from './selectHosts.ts'

export async function history(
  name: string,
  recipe: string | undefined,
  options: ConnectingOptions,
): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const results = await onHosts(project, [hostNamed(project, name)], options, ({ host, transport }) =>
    readHistory(host.prefix, transport),
  )
  throwErrors(results)
  for (const { answer } of results.answers) print(answer, name, recipe, options)
  return 0
}

function print(
  { entries, unreadable }: ReturnType<typeof parseHistory>,
  host: string,
  recipe: string | undefined,
  { json }: ConnectingOptions,
): void {
  const own = recipe === undefined ? entries : entries.filter((entry) => entry.recipe === recipe)
  if (recipe !== undefined && own.length === 0 && entries.length > 0) throw nothingOf(recipe, host, entries)
  const color = wantsColor(process.stdout.isTTY, process.env)
  const text = json ? own.map((entry) => historyJson(host, entry)).join('\n') : historyTable(own, { color })
  if (own.length > 0) process.stdout.write(`${text}\n`)
  else if (!json) process.stdout.write(`${host}: no job of build-stack has been recorded\n`)
  if (unreadable > 0) {
    process.stderr.write(`${host}: ${unreadable} lines of its history cannot be read, and are left out\n`)
  }
}

function historyJson(host: string, entry: HistoryEntry): string {
  const { from = null, to = null, run = null, seconds = null } = entry
  return JSON.stringify({ host, ...entry, from, to, run, seconds })
}

function nothingOf(recipe: string, host: string, entries: HistoryEntry[]): BuildStackError {
  const names = new Set(entries.map((entry) => entry.recipe))
  const hint = suggestion(recipe, names, 'there are')
  return new BuildStackError('USAGE', `the history of ${host} has nothing of "${recipe}"${hint}`, {
    next: `see build-stack history ${host}`,
  })
}
