/** The table of checks of a recipe's meaning, after its shape was found right. */
import type { BuildStackError } from '../../errors.ts'
import { checkAccounts } from './accounts.ts'
import type { Block, Check, CheckContext } from './check.ts'
import { checkCommands } from './commands.ts'
import { checkDependencies } from './dependencies.ts'
import { checkFiles } from './files.ts'
import { checkOwnFiles } from './ownFiles.ts'
import { checkPatches } from './patches.ts'
import { checkServices } from './services.ts'
import { checkSources } from './sources.ts'
import { checkText } from './text.ts'
import { checkVersions } from './versions.ts'

const CHECKS: Check[] = [
  ({ document }) => checkText(document),
  checkVersions,
  checkSources,
  checkDependencies,
  checkPatches,
  checkCommands,
  checkFiles,
  checkAccounts,
  checkServices,
  checkOwnFiles,
]

export async function recipeFaults(context: Omit<CheckContext, 'blocks'>): Promise<BuildStackError[]> {
  const { versions, ...shared } = context.recipe
  const blocks: Block[] = [
    { path: [], fields: { ...shared, versions } },
    ...Object.entries(versions).map(([version, fields]) => ({ path: ['versions', version], fields })),
  ]
  return (await Promise.all(CHECKS.map((check) => check({ ...context, blocks })))).flat()
}
