/** What services require exists: network, filesystem, a service of a recipe, or a full FMRI. */
import { suggestion } from '../suggest.ts'
import { type Check, faultAt } from './check.ts'

const MILESTONES = ['network', 'filesystem']

export const checkServices: Check = ({ recipe, blocks, document, recipeNames }) =>
  blocks.flatMap(({ path, fields }) =>
    Object.entries(fields.services ?? {}).flatMap(([name, service]) =>
      service.requires.flatMap((required, i) => {
        const problem = problemOf(required, recipe.name, recipeNames)
        return problem === undefined
          ? []
          : [faultAt(document, [...path, 'services', name, 'requires', i], problem)]
      }),
    ),
  )

function problemOf(required: string, self: string, recipeNames: readonly string[]): string | undefined {
  if (
    MILESTONES.includes(required) ||
    /^svc:\/[A-Za-z0-9][A-Za-z0-9_.,/-]*(:[A-Za-z0-9_.,-]+)?$/.test(required)
  )
    return undefined
  const [, recipe, service] = /^([^/:]+)\/([A-Za-z0-9][A-Za-z0-9._-]*)$/.exec(required) ?? []
  if (recipe === undefined || service === undefined)
    return `expected network, filesystem, RECIPE/SERVICE or svc:/…, got "${required}"${near(required)}`
  if (recipe === self || recipeNames.includes(recipe)) return undefined
  return `there is no recipe "${recipe}"${suggestion(recipe, recipeNames, 'there are')}`
}

function near(required: string): string {
  const hint = suggestion(required, MILESTONES, '')
  return hint.startsWith('; did') ? hint : ''
}
