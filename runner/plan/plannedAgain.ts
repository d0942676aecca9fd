/** A saved plan that still fits -> the plan to carry out: today's, which has the contents, with the saved decisions. Pure. */
import type { Plan } from './plan.ts'
import type { SavedHost } from './savedPlan.ts'

/** What was to be built is built, also where a package of it has come since. */
export function plannedAgain(saved: SavedHost, now: Plan): Plan {
  const planned = new Map(saved.plan.actions.map((action) => [action.recipe, action]))
  const actions = now.actions.map(({ package: found, ...action }) => {
    const was = planned.get(action.recipe)
    if (!was) return { ...action, ...(found && { package: found }) }
    const { steps, reasons } = was
    return { ...action, steps, reasons, ...(was.package && found && { package: found }) }
  })
  return { ...now, actions }
}
