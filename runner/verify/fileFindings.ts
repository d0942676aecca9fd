/** Files that are missing, changed or nobody's, and configuration files that an administrator made his own. Pure. */
import { differencesOf } from '../receipts/fileDifferences.ts'
import { type Finding, recipeOf, type VerifyContext } from './findings.ts'
import type { ConfigurationState, VerifyAnswer } from './verifyAnswer.ts'

export function fileFindings({ host, answer, quick, foreign }: VerifyContext): Finding[] {
  return [
    ...[...missing(answer), ...changed(answer, quick), ...configuration(answer)].map((finding) =>
      repairable(finding, host),
    ),
    ...(foreign ? foreigners(answer) : []),
  ]
}

/** With the command that puts it back, whether or not the next run would see it by itself. */
function repairable(finding: Finding, host: string): Finding {
  const { kind, recipe } = finding
  if (recipe === undefined || (kind !== 'missing' && kind !== 'changed')) return finding
  return { ...finding, next: `build-stack ${host} --only ${recipe} --reinstall` }
}

/** Folders whose place something else has taken: what was in them is not looked for one by one. */
function lostFolders({ was, now }: VerifyAnswer): string[] {
  return was
    .filter(({ file }) => file.type === 'folder' && now.get(file.path)?.type !== 'folder')
    .map(({ file }) => `${file.path}/`)
}

function missing(answer: VerifyAnswer): Finding[] {
  const lost = lostFolders(answer)
  return answer.gone
    .filter(({ file }) => !lost.some((folder) => file.path.startsWith(folder)))
    .map(({ component, file }) => ({
      kind: 'missing',
      recipe: recipeOf(component),
      path: file.path,
      message: file.type === 'file' ? 'is not there' : `the ${file.type} is not there`,
    }))
}

function changed(answer: VerifyAnswer, quick: boolean): Finding[] {
  return answer.was.flatMap(({ component, file: was }): Finding[] => {
    const is = answer.now.get(was.path)
    if (!is) return []
    const at = { recipe: recipeOf(component), path: was.path }
    const differences = differencesOf(was, is)
    if (differences.length > 0) {
      const below = was.type === 'folder' && is.type !== 'folder' ? goneBelow(answer, was.path) : ''
      return [{ kind: 'changed', ...at, message: `${differences.join(', ')}${below}` }]
    }
    const unread = !quick && was.sha256 !== undefined && is.sha256 === undefined
    return unread ? [{ kind: 'unchecked', ...at, message: 'its content could not be read' }] : []
  })
}

function goneBelow({ gone }: VerifyAnswer, folder: string): string {
  const count = gone.filter(({ file }) => file.path.startsWith(`${folder}/`)).length
  return `; ${count} ${count === 1 ? 'file' : 'files'} below it not checked`
}

/** Where programs keep what they write: var/, folders that a recipe brought to be filled, Python's bytecode. */
const WRITTEN =
  /^var(\/|$)|(^|\/)__pycache__(\/|$)|\.py[co]$|^svc\/daemontools\/[^/]+\/((log\/)?supervise|down)$/

function foreigners({ foreign }: VerifyAnswer): Finding[] {
  const isWritten = (one: VerifyAnswer['foreign'][number]) => one.madeByRecipe || WRITTEN.test(one.path)
  const written = foreign.filter(isWritten)
  const count = written.reduce((sum, one) => sum + one.count, 0)
  const note: Finding = {
    kind: 'written',
    recipe: undefined,
    path: undefined,
    message: `${count} ${count === 1 ? 'file' : 'files'} that programs wrote, in ${placesOf(written)}`,
  }
  return [
    ...(count > 0 ? [note] : []),
    ...foreign
      .filter((one) => !isWritten(one))
      .map(
        (one): Finding => ({
          kind: 'foreign',
          recipe: undefined,
          path: one.path,
          message: one.count === 1 ? 'belongs to no recipe' : `${one.count} files that belong to no recipe`,
        }),
      ),
  ]
}

function placesOf(written: VerifyAnswer['foreign']): string {
  const places = [...new Set(written.map(({ path }) => (/^var(\/|$)/.test(path) ? 'var' : path)))]
  const shown = places.slice(0, 3).join(', ')
  return places.length > 3 ? `${shown} and ${places.length - 3} more places` : shown
}

const STATES: Record<ConfigurationState, Omit<Finding, 'recipe' | 'path'> | undefined> = {
  same: undefined,
  changed: { kind: 'configuration', message: 'changed by an administrator' },
  link: { kind: 'configuration', message: 'made a link by an administrator' },
  missing: { kind: 'missing', message: 'the configuration file is not there' },
  folder: { kind: 'changed', message: 'a configuration file, now a folder' },
  unreadable: { kind: 'unchecked', message: 'the configuration file could not be read' },
  unknown: { kind: 'unchecked', message: 'there is no record of the text that was installed' },
}

function configuration({ configuration }: VerifyAnswer): Finding[] {
  return configuration.flatMap(({ recipe, state, newBeside, path }): Finding[] => {
    const found = STATES[state]
    const pending: Finding = {
      kind: 'pending',
      recipe,
      path: `${path}.new`,
      message: 'waits to be merged',
      next: `merge ${path}.new into ${path}, then remove it`,
    }
    return [...(found ? [{ ...found, recipe, path }] : []), ...(newBeside ? [pending] : [])]
  })
}
