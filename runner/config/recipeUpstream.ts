/** Where newer releases of a recipe's software are announced. Part of the schema in recipe.ts. */
import * as z from 'zod'
import { text } from './recipeText.ts'

export const upstream = z
  .union([
    z.strictObject({
      debian: text.describe('Debian source package'),
      suite: text.describe('Release of Debian to ask; sid without it').optional(),
    }),
    z.strictObject({
      url: text.describe('A page that names the releases'),
      versions: text.describe('Regular expression that finds them there; its first group is the version'),
    }),
  ])
  .meta({ expected: 'a place of releases: {debian, suite} or {url, versions}' })
  .describe('Where outdated --upstream looks for newer releases; the first Debian alternative without it')
