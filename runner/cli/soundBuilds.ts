/** What the recipes say of a host, for commands that can do without it. */
import type { Project } from '../config/load.ts'
import type { Build } from '../desired/build.ts'
import { wantedBuilds } from '../desired/wantedBuilds.ts'
import { BuildStackError, BuildStackErrors } from '../errors.ts'
import type { OpenHost } from './onHosts.ts'

/** None when the recipes have mistakes: what is installed can be looked at and handled all the same. */
export async function soundBuilds(
  { host, facts }: Pick<OpenHost, 'host' | 'facts'>,
  project: Project,
): Promise<Build[]> {
  try {
    const recipes = await project.recipesFor(Object.keys(host.recipes))
    return wantedBuilds(host, recipes, facts)
  } catch (error) {
    if (error instanceof BuildStackError || error instanceof BuildStackErrors) return []
    throw error
  }
}
