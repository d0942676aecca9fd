/** The plan of a host as tasks: what of it has to come before what. Pure. */
import { packageName } from '../packages/package.ts'
import { isCompiled, isServiceVerb } from '../plan/makePlan.ts'
import type { Action, ActionKind, Plan } from '../plan/plan.ts'
import { requiredNames } from '../services/required.ts'
import type { Task } from './schedule.ts'

/** Made of receipts, not of recipes: they know only the order in which they were planned. */
const IN_ORDER: readonly ActionKind[] = ['remove', 'rollback', 'adopt']

export interface TaskKnowledge {
  /** Expected seconds of an action. */
  seconds: (action: Action) => number
  /** Name of the recipe that brings the host's supervisor, if a recipe does. */
  supervisor: string | undefined
}

export function taskId(host: string, recipe: string): string {
  return `${host} ${recipe}`
}

/** For a person. id: of a task or a host. */
export function taskText(id: string): string {
  const [host, recipe] = id.split(' ')
  return recipe ? `${recipe} on ${host}` : id
}

export function compiles(action: Pick<Action, 'kind' | 'package'>): boolean {
  return isCompiled(action.kind) && !action.package
}

/** Without what is up to date. shares: set where the action builds a package; it is for the run to say which are shared. */
export function hostTasks(plan: Plan, { seconds, supervisor }: TaskKnowledge): Task[] {
  const pending = plan.actions.filter(({ kind }) => kind !== 'keep')
  return pending.map((action, index): Task => {
    const before = pending.slice(0, index)
    const { host } = plan
    const ids = (actions: readonly Action[]) => actions.map(({ recipe }) => taskId(host, recipe))
    return {
      id: taskId(host, action.recipe),
      host,
      needs: ids(before.filter(({ recipe }) => recipe in action.build.dependencies)),
      after: [
        ...ids(before.filter((one) => comesAfter(action, one, supervisor))),
        ...awaitedOf(action, host),
      ],
      seconds: seconds(action),
      parallel: compiles(action) && action.build.parallel,
      shares: compiles(action) ? packageName(action.build) : undefined,
    }
  })
}

/** Tasks of other hosts, if they are in this run. */
function awaitedOf({ build }: Action, host: string): string[] {
  const awaited = build.services.flatMap(({ awaits = [] }) => awaits)
  return awaited.flatMap(({ box, recipe }) =>
    recipe === undefined || box === host ? [] : [taskId(box, recipe)],
  )
}

/** Whether the order of the two in their plan matters though the second does not need the first. */
function comesAfter(second: Action, first: Action, supervisor: string | undefined): boolean {
  if (IN_ORDER.includes(second.kind) || isServiceVerb(second.kind)) return true
  if (first.recipe === supervisor && second.build.services.length > 0) return true
  return restarts(first, second) || restarts(second, first) || requires(second, first)
}

function requires(one: Action, other: Action): boolean {
  const required = one.build.services.flatMap(requiredNames)
  return other.build.services.some(({ name }) => required.includes(name))
}

function restarts(one: Action, other: Action): boolean {
  return one.build.restarts.some((name) => other.build.services.some((service) => service.name === name))
}
