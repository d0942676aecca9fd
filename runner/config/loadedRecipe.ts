/** A recipe that has been read and found sound. */
import type { Location } from '../errors.ts'
import type { Document } from './document.ts'
import type { Recipe } from './recipe.ts'

export type LoadedRecipe = Recipe & {
  /** Where a part of it stands in its file. */
  locate: Document['locate']
  /** Where a variable first stands in its file: "value.port", "secret.word". */
  placeOf(variable: string): Location
  /** The bytes of a patch that it lists, by the `file` in the list. Read when first asked for. */
  patchContent(file: string): Buffer
  /** The text of a file that one of its services brings, by its path below recipes/. */
  ownFile(file: string): string
}
