/** Hosts for which a run would do the same are shown once, with what is particular to each of them. Pure. */
import type { Action, Plan } from './plan.ts'
import type { ActionPreview, Preview } from './preview.ts'

export interface HostPlan {
  plan: Plan
  /** Absent where only the plan is known. */
  preview?: Preview | undefined
}

/** In the order in which the first host of each came. Never empty. */
export type Group = [HostPlan, ...HostPlan[]]

export function groupsOf(hosts: readonly HostPlan[]): Group[] {
  const groups = new Map<string, Group>()
  for (const host of hosts) {
    const key = changeOf(host)
    const group = groups.get(key)
    if (group) group.push(host)
    else groups.set(key, [host])
  }
  return [...groups.values()]
}

/** What a reader would approve or not. How long it takes, and what somebody did by hand or stopped, is each host's own. */
function changeOf({ plan, preview }: HostPlan): string {
  return JSON.stringify([
    plan.prefix,
    plan.actions.map((action) => [actionOf(action), textsOf(preview?.actions[action.recipe])]),
  ])
}

function actionOf({
  recipe,
  version,
  installed,
  kind,
  reasons,
  changes,
  build,
  package: found,
  onlyWithout,
}: Action) {
  return [recipe, version, installed, kind, reasons, changes, build.inputs, found, onlyWithout]
}

function textsOf(preview: ActionPreview | undefined) {
  return [preview?.texts, preview?.files]
}
