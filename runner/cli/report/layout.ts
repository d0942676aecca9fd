/** Which lines of the live list are shown when the terminal is lower than the list. Pure. */
import { type HostView, isSettled, type RecipeView, type RunView } from './view.ts'

export interface Layout {
  host(host: HostView): boolean
  recipe(host: HostView, recipe: RecipeView): boolean
}

const everything: Layout = { host: () => true, recipe: () => true }

/** Of a host that goes on: what runs, what was finished last and what comes next. Of others: their own line. */
const compact: Layout = { host: () => true, recipe: (host, recipe) => isAround(host, recipe) }

/** Only hosts where something goes on or went wrong. */
const busy: Layout = {
  host: (host) => host.state === 'connecting' || host.state === 'running' || hasFailed(host),
  recipe: (host, recipe) =>
    recipe.state === 'running' || (recipe.state === 'failed' && isAround(host, recipe)),
}

/** The fullest layout that fits; lineCount says how many lines a recipe has at the moment. */
export function layoutFor(view: RunView, rows: number, lineCount: (recipe: RecipeView) => number): Layout {
  const layouts = [everything, compact]
  return layouts.find((layout) => height(view, layout, lineCount) <= rows) ?? busy
}

function height(view: RunView, layout: Layout, lineCount: (recipe: RecipeView) => number): number {
  let lines = 0
  for (const host of view.hosts.values()) {
    if (!layout.host(host)) continue
    lines += 1
    for (const recipe of host.recipes) lines += layout.recipe(host, recipe) ? lineCount(recipe) : 0
  }
  return lines
}

function isAround(host: HostView, recipe: RecipeView): boolean {
  if (host.state !== 'running') return false
  if (recipe.state === 'running') return true
  const next = host.recipes.find((one) => one.state === 'waiting')
  const last = host.recipes.filter(isSettled).at(-1)
  return recipe === next || recipe === last
}

function hasFailed(host: HostView): boolean {
  return host.error !== undefined || host.recipes.some((recipe) => recipe.state === 'failed')
}
