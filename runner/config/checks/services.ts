/** What services require exists: network, filesystem, a service of a recipe, or a full FMRI; of other boxes, the recipe. */
import { suggestion } from '../suggest.ts'
import { type Check, faultAt } from './check.ts'

const MILESTONES = ['network', 'filesystem']

export const checkServices: Check = ({ recipe, blocks, document, recipeNames }) =>
  blocks.flatMap(({ path, fields }) =>
    Object.entries(fields.services ?? {}).flatMap(([name, service]) =>
      [
        ...service.requires.map((required, i) => ({
          at: ['requires', i],
          problem: problemOf(required, recipe.name, recipeNames),
        })),
        ...(service.awaits ?? []).map(({ recipe: awaited }, i) => ({
          at: ['awaits', i, 'recipe'],
          problem: awaited === undefined ? undefined : unknownRecipe(awaited, recipe.name, recipeNames),
        })),
      ].flatMap(({ at, problem }) =>
        problem === undefined ? [] : [faultAt(document, [...path, 'services', name, ...at], problem)],
      ),
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
  return unknownRecipe(recipe, self, recipeNames)
}

function unknownRecipe(recipe: string, self: string, recipeNames: readonly string[]): string | undefined {
  if (recipe === self || recipeNames.includes(recipe)) return undefined
  return `there is no recipe "${recipe}"${suggestion(recipe, recipeNames, 'there are')}`
}

function near(required: string): string {
  const hint = suggestion(required, MILESTONES, '')
  return hint.startsWith('; did') ? hint : ''
}
