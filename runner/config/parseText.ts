/** The text of a project's file -> its value, with the libraries for YAML and schemas, which take a moment to load. */
import { type Document, parseDocument } from './document.ts'
import { type HostsFile, hostsSchema } from './hosts.ts'
import { type Recipe, recipeSchema } from './recipe.ts'
import { type SyncFile, syncSchema } from './syncProfile.ts'
import { validate } from './validate.ts'

const schemas = { hosts: hostsSchema, recipe: recipeSchema, sync: syncSchema }

/** What each kind of file says, with its defaults filled in. */
export interface FileValues {
  hosts: HostsFile
  recipe: Omit<Recipe, 'name' | 'file'>
  sync: SyncFile
}

/** @throws CONFIG: BuildStackError for one fault, BuildStackErrors for several. */
export function parseText<K extends keyof FileValues>(
  kind: K,
  text: string,
  file: string,
): { value: FileValues[K]; document: Document } {
  const document = parseDocument(text, file)
  return { value: validate(schemas[kind], document) as FileValues[K], document }
}
