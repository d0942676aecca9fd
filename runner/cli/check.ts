/** `build-stack check`: everything that can be wrong without a host. */
import { loadProject } from '../config/load.ts'
import { checkedRecipes } from '../run/run.ts'
import type { GlobalOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'

export async function check(options: GlobalOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const recipes = await project.allRecipes()
  await checkedRecipes(project, [...project.hosts.values()], [])
  const found = { hosts: project.hosts.size, recipes: recipes.size }
  process.stdout.write(
    options.json
      ? `${JSON.stringify(found)}\n`
      : `${found.hosts} hosts and ${found.recipes} recipes: no mistakes found\n`,
  )
  return 0
}
