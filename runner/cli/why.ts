/** `build-stack why HOST RECIPE`: who wants it, why this version, and what the next run would change. */
import type { Host } from '../config/hosts.ts'
import { loadProject, type Project, unknownRecipe } from '../config/load.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import { explain } from '../desired/explain.ts'
import { platformOf } from '../desired/makeBuild.ts'
import { wantedBuilds } from '../desired/wantedBuilds.ts'
import { makePlan } from '../plan/makePlan.ts'
import { readInventory } from '../run/inventory.ts'
import { type OpenHost, onHosts, throwErrors } from './onHosts.ts'
import { projectFolder } from './projectFolder.ts'
import type { WhyOptions } from './readingCommands.ts'
import { wantsColor } from './report/color.ts'
import { type WhyResult, whyJson, whyText } from './report/whyText.ts'
import { hostNamed } from './selectHosts.ts'

/** Exit status when the recipe is neither wanted nor installed. */
const NOBODY = 1

type Recipes = ReadonlyMap<string, LoadedRecipe>

export async function why(hostName: string, recipe: string, options: WhyOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const host = hostNamed(project, hostName)
  const recipes = await recipesFor(project, host, recipe)
  const results = options.offline
    ? [await remembered(host, recipes, recipe)]
    : await asked(project, host, recipes, recipe, options)
  for (const result of results) {
    const color = wantsColor(process.stdout.isTTY, process.env)
    process.stdout.write(`${options.json ? whyJson(result) : whyText(result, { color, now: new Date() })}\n`)
  }
  return results.some(({ explanation, receipt }) => explanation.wishes.length > 0 || receipt) ? 0 : NOBODY
}

async function recipesFor(project: Project, host: Host, recipe: string): Promise<Recipes> {
  if (!project.recipeNames.includes(recipe)) throw unknownRecipe(recipe, project.recipeNames)
  return project.recipesFor([...Object.keys(host.recipes), recipe])
}

async function remembered(host: Host, recipes: Recipes, recipe: string): Promise<WhyResult> {
  const inventory = await readInventory(host.name)
  return {
    host: host.name,
    explanation: explain(host, recipes, undefined, recipe),
    receipt: inventory.receipts[recipe],
    damage: undefined,
    pending: undefined,
    seenAt: inventory.seenAt,
  }
}

async function asked(
  project: Project,
  host: Host,
  recipes: Recipes,
  recipe: string,
  options: WhyOptions,
): Promise<WhyResult[]> {
  const results = await onHosts(project, [host], options, ({ host, facts }): WhyResult => {
    return {
      host: host.name,
      explanation: explain(host, recipes, facts, recipe),
      receipt: facts.receipts[recipe],
      damage: facts.damagedReceipts[recipe],
      pending: pendingOf({ host, facts }, recipes, recipe),
      seenAt: undefined,
    }
  })
  throwErrors(results)
  return results.answers.map(({ answer }) => answer)
}

function pendingOf(
  { host, facts }: Pick<OpenHost, 'host' | 'facts'>,
  recipes: Recipes,
  recipe: string,
): WhyResult['pending'] {
  const builds = wantedBuilds(host, recipes, facts)
  const wanted = { host: host.name, prefix: host.prefix, platform: platformOf(facts), builds }
  const action = makePlan(wanted, facts, () => []).actions.find((one) => one.recipe === recipe)
  return action && { kind: action.kind, reasons: action.reasons, changes: action.changes }
}
