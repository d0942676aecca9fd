/** Patch files are there and below the project's patches/. */
import { type Check, faultAt } from './check.ts'

export const checkPatches: Check = ({ blocks, document, patches }) =>
  blocks.flatMap(({ path, fields }) =>
    (fields.patches ?? []).flatMap(({ file }, i) => {
      const problem = patches.problem(file)
      return problem === undefined ? [] : [faultAt(document, [...path, 'patches', i, 'file'], problem)]
    }),
  )
