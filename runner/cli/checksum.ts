/** `build-stack checksum RECIPE VERSION FILE`: the line that a recipe without a checksum lacks. It is printed, not written:
 * a person has to have checked the archive, and sees in the recipe what he vouches for. */
import { statSync } from 'node:fs'
import { loadProject } from '../config/load.ts'
import { compareVersions } from '../config/version.ts'
import { BuildStackError } from '../errors.ts'
import { sha256OfFile } from '../sources/checksum.ts'
import type { GlobalOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'

export async function checksum(
  recipe: string,
  version: string,
  file: string,
  options: GlobalOptions,
): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const { versions } = await project.recipe(recipe)
  const found = versions[version]
  if (!found) {
    throw new BuildStackError('USAGE', `recipes/${recipe}.yaml has no version ${version}`, {
      next: `its versions are ${Object.keys(versions).sort(compareVersions).reverse().join(', ')}`,
    })
  }
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined) throw new BuildStackError('USAGE', `${file} is not there`)
  const sha256 = await sha256OfFile(file)
  if (options.json) process.stdout.write(`${JSON.stringify({ recipe, version, file, sha256, size })}\n`)
  else {
    process.stdout.write(
      `# recipes/${recipe}.yaml, versions, ${version}, source: after you have checked the archive's signature or origin\n` +
        `sha256: ${sha256}\nsize: ${size}\n`,
    )
  }
  return 0
}
