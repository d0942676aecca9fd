/** What a check of a recipe's meaning gets, and how it reports. Each file in this folder is one check. */
import type { BuildStackError } from '../../errors.ts'
import type { Document, Path } from '../document.ts'
import { configFault } from '../faults.ts'
import { pathText } from '../pathText.ts'
import type { Recipe, RecipeVersion } from '../recipe.ts'
import type { TextFolder } from '../textFolder.ts'

/** The build fields of the whole recipe, or those of one version. */
export interface Block {
  path: Path
  fields: Omit<Recipe, 'name' | 'file'> | RecipeVersion
}

export interface CheckContext {
  recipe: Recipe
  blocks: Block[]
  document: Document
  recipeNames: readonly string[]
  /** patches/ */
  patches: TextFolder
  /** recipes/ */
  ownFiles: TextFolder
}

export type Check = (context: CheckContext) => BuildStackError[] | Promise<BuildStackError[]>

/** The fault of the value (or the key) at a path, named by the path. */
export function faultAt(
  document: Pick<Document, 'locate'>,
  path: Path,
  message: string,
  options: { part?: 'key' | 'value'; next?: string } = {},
): BuildStackError {
  const next = options.next === undefined ? {} : { next: options.next }
  return configFault(`${pathText(path)}: ${message}`, document.locate(path, options.part), next)
}
