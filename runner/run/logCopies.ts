/** The copies of jobs' logs on this machine, which JobLog wrote, read again. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../paths.ts'

export interface CopiedStep {
  title: string
  lines: string[]
}

/** Of the newest job of this recipe; undefined when there is none. */
export function newestCopy(host: string, recipe: string): CopiedStep[] | undefined {
  const folder = cacheFolder('logs', host)
  if (!existsSync(folder)) return undefined
  // A version begins with a digit, and what a recipe's name goes on with does not.
  const isOf = (name: string) =>
    name.startsWith(`${recipe}-`) && /^\d.*\.log$/.test(name.slice(recipe.length + 1))
  const [newest] = readdirSync(folder)
    .filter(isOf)
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  return newest && stepsOf(readFileSync(newest.path, 'utf8'))
}

function stepsOf(text: string): CopiedStep[] {
  const steps: CopiedStep[] = []
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const [, title] = /^=== (.*) \(\d{4}-\d\d-\d\dT[\d:]{8}Z\)$/.exec(line) ?? []
    if (title !== undefined) steps.push({ title, lines: [] })
    else steps.at(-1)?.lines.push(line)
  }
  return steps
}
