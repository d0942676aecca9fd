/** Whose files are: the question to a host, its answer, and what it means. Pure but for reading our scripts. */
import { posix } from 'node:path'
import type { Host } from '../config/hosts.ts'
import { closest } from '../config/suggest.ts'
import { BuildStackError } from '../errors.ts'
import { differencesOf } from '../receipts/fileDifferences.ts'
import type { ListedFile } from '../receipts/fileList.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { quote } from '../shell.ts'
import { recipeOf } from './findings.ts'
import { configurationFiles, type Look, type LookFacts, lookCommand, relativeTo } from './lookCommand.ts'
import { type OwnsAnswer, parseOwnsAnswer } from './ownsAnswer.ts'

export interface Ownership {
  /** As asked. */
  asked: string
  /** Absolute. */
  path: string
  /** None for what is nobody's; several for a folder, and for a file that was taken over. */
  owners: Owner[]
  /** Paths that may have been meant, absolute. */
  near: string[]
}

export interface Owner {
  recipe: string
  receipt: Receipt | undefined
  what: 'file' | 'link' | 'folder' | 'configuration file' | 'service definition'
  /** How it differs from what was installed; none: as installed. Undefined when that is not known. */
  differences: string[] | undefined
  /** How many files the recipe has below a folder. */
  files: number | undefined
}

type Place = Pick<Host, 'name' | 'prefix' | 'path'>

export function ownsCommand(host: Place, facts: LookFacts, asked: readonly string[]): Look {
  const paths = asked.map((path) => absolute(host, path))
  const relative = paths.flatMap((path) => relativeTo(host.prefix, path) ?? [])
  return lookCommand(host, facts, {
    assignments: ['quick=', `asked=${quote(relative.join('\n'))}`],
    configuration: configurationFiles(facts).filter(({ path }) => paths.includes(path)),
    scripts: ['tree.sh', 'recorded.sh', 'owns.sh'],
  })
}

/** One for each path asked, in that order. @throws BuildStackError HOST when the output is not a whole answer. */
export function ownershipOf(
  host: Place,
  facts: Pick<LookFacts, 'receipts'>,
  asked: readonly string[],
  output: string,
): Ownership[] {
  const answer = parseOwnsAnswer(output, host.name)
  return asked.map((word) => {
    const path = absolute(host, word)
    const owners = [
      ...listedOwners(answer, facts, relativeTo(host.prefix, path)),
      ...configurationOwners(answer, facts, path),
    ]
    const near = owners.length > 0 ? [] : nearPaths(answer, host.prefix, path)
    return { asked: word, path, owners, near }
  })
}

/** A relative path is one of the prefix. @throws BuildStackError USAGE for the prefix itself. */
function absolute({ name, prefix }: Place, path: string): string {
  const found = posix.resolve(prefix, path)
  if (found === prefix || path.includes('\n')) {
    throw new BuildStackError('USAGE', `${JSON.stringify(path)} is not a path below ${prefix}`, {
      next: `name a file or a folder in it; build-stack status ${name} lists what is installed`,
    })
  }
  return found
}

function listedOwners(
  { owned, now, holds }: OwnsAnswer,
  { receipts }: Pick<LookFacts, 'receipts'>,
  path: string | undefined,
): Owner[] {
  if (path === undefined) return []
  const below = holds.filter((one) => one.path === path)
  if (below.length > 0) {
    const recipes = [...new Set(below.map(({ component }) => recipeOf(component)))].sort()
    return recipes.map((recipe) => {
      const files = below
        .filter(({ component }) => recipeOf(component) === recipe)
        .reduce((sum, { count }) => sum + count, 0)
      return { recipe, receipt: receipts[recipe], what: 'folder', differences: undefined, files }
    })
  }
  return owned
    .filter(({ file }) => file.path === path)
    .map(({ component, file }) => ({
      recipe: recipeOf(component),
      receipt: receipts[recipeOf(component)],
      what: component === recipeOf(component) ? file.type : 'service definition',
      differences: stateOf(file, now.get(path)),
      files: file.type === 'folder' ? 0 : undefined,
    }))
}

function stateOf(recorded: ListedFile, now: ListedFile | undefined): string[] | undefined {
  if (!now) return ['it is not there']
  const differences = differencesOf(recorded, now)
  const unread = recorded.sha256 !== undefined && now.sha256 === undefined && now.type === 'file'
  return differences.length === 0 && unread ? undefined : differences
}

function configurationOwners(
  { configuration }: OwnsAnswer,
  { receipts }: Pick<LookFacts, 'receipts'>,
  path: string,
): Owner[] {
  return configuration
    .filter((one) => one.path === path)
    .map(({ recipe, state, newBeside }) => {
      const pending = newBeside ? [`a new one waits in ${path}.new`] : []
      const known = state !== 'unreadable' && state !== 'unknown'
      const changes =
        state === 'same' ? [] : [state === 'missing' ? 'it is not there' : `${state} by an administrator`]
      return {
        recipe,
        receipt: receipts[recipe],
        what: 'configuration file',
        differences: known ? [...changes, ...pending] : undefined,
        files: undefined,
      }
    })
}

const NEAR = 3

function nearPaths({ near }: OwnsAnswer, prefix: string, path: string): string[] {
  const relative = relativeTo(prefix, path)
  if (relative === undefined) return []
  const [folder, name] = [posix.dirname(relative), posix.basename(relative)]
  const same = near.filter((one) => posix.basename(one) === name)
  const beside = near.filter((one) => posix.dirname(one) === folder).map((one) => posix.basename(one))
  const like = closest(name, beside)
  const found = [...(like === undefined ? [] : [posix.join(folder, like)]), ...same]
  return [...new Set(found)].slice(0, NEAR).map((one) => `${prefix}/${one}`)
}
