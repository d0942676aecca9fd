/** Why a saved plan does not fit any more: what has changed of recipes, receipts and the host since it was made. Pure. */
import type { ActionJson } from './planJson.ts'
import { canonicalJson, type HostState, type ReceiptMark, type SavedHost } from './savedPlan.ts'

/** now: made the same way, of today's recipes and the host as it is. None: the saved plan can be carried out. */
export function staleness(saved: SavedHost, now: SavedHost): string[] {
  const found = [...hostChanges(saved.state, now.state), ...receiptChanges(saved.state, now.state)]
  const actions = actionChanges(saved.plan.actions, now.plan.actions, found.length > 0)
  return [...found, ...actions]
}

const FACTS = {
  target: 'the address',
  prefix: 'the prefix',
  work: 'the folder for builds',
  platform: 'the platform',
  path: 'the PATH',
  shell: 'the shell',
  supervisor: 'the supervisor',
  privilege: 'what gives the rights to install',
} as const

function hostChanges(saved: HostState, now: HostState): string[] {
  const facts = (Object.keys(FACTS) as (keyof typeof FACTS)[]).flatMap((key) =>
    saved[key] === now[key] ? [] : [`${FACTS[key]} was ${saved[key] ?? 'none'} and is ${now[key] ?? 'none'}`],
  )
  const [before, after] = [saved.journals.join(', '), now.journals.join(', ')]
  const switches =
    before === after ? [] : [`interrupted switches were ${before || 'none'} and are ${after || 'none'}`]
  return [...facts, ...switches]
}

function receiptChanges(saved: HostState, now: HostState): string[] {
  const recipes = [...new Set([...Object.keys(saved.receipts), ...Object.keys(now.receipts)])]
  const changed = recipes.flatMap((recipe) => {
    const [before, after] = [saved.receipts[recipe], now.receipts[recipe]]
    if (before?.sha256 === after?.sha256) return []
    if (!after) return [`${recipe} ${before?.version} was installed and is not any more`]
    return [
      `${recipe} ${after.version} was installed by ${installation(after)}${before ? '' : ', and nothing before'}`,
    ]
  })
  const damaged = [...new Set([...saved.damaged, ...now.damaged])].filter(
    (recipe) => saved.damaged.includes(recipe) !== now.damaged.includes(recipe),
  )
  return [
    ...changed,
    ...damaged.map(
      (recipe) => `the receipt of ${recipe} ${now.damaged.includes(recipe) ? 'is damaged' : 'was mended'}`,
    ),
  ]
}

function installation({ installedBy, installedAt }: ReceiptMark): string {
  return `${installedBy} at ${installedAt}`
}

/** explained: other findings say already why the same recipe has another action now. */
function actionChanges(saved: ActionJson[], now: ActionJson[], explained: boolean): string[] {
  const [before, after] = [byRecipe(saved), byRecipe(now)]
  const changes = [...new Set([...before.keys(), ...after.keys()])].flatMap((recipe) => {
    const [planned, wanted] = [before.get(recipe), after.get(recipe)]
    if (!planned) return [`${recipe} is wanted too`]
    if (!wanted) return [`${recipe} is not wanted any more`]
    return actionChange(planned, wanted, explained)
  })
  if (changes.length > 0 || explained) return changes
  const order = (actions: ActionJson[]) => actions.map(({ recipe }) => recipe).join(', ')
  return order(saved) === order(now) ? [] : [`the order was ${order(saved)} and is ${order(now)}`]
}

function byRecipe(actions: ActionJson[]): Map<string, ActionJson> {
  return new Map(actions.map((action) => [action.recipe, action]))
}

function actionChange(saved: ActionJson, now: ActionJson, explained: boolean): string[] {
  const { recipe } = saved
  if (saved.version !== now.version)
    return [`${recipe}: version ${saved.version} was planned, ${now.version} is wanted`]
  const inputs = (['build', 'files', 'services'] as const).flatMap((part) =>
    differing(saved.build.inputs[part], now.build.inputs[part]),
  )
  if (inputs.length > 0) return inputs.map((label) => `${recipe}: ${label} changed`)
  const { inputs: _, fingerprint: __, ...before } = saved.build
  const { inputs: ___, fingerprint: ____, ...after } = now.build
  const fields = differing(before, after)
  if (fields.length > 0) return fields.map((field) => `${recipe}: ${field} changed`)
  if (saved.package && !now.package) return [`${recipe}: the package ${saved.package.name} is gone`]
  if (explained) return []
  if (saved.kind !== now.kind) return [`${recipe}: ${saved.kind} was planned, ${now.kind} is due`]
  if (stepsDiffer(saved, now)) return [`${recipe}: its steps would be others`]
  return same(decisionOf(saved), decisionOf(now))
    ? []
    : [`${recipe}: ${now.reasons.join('; ') || 'is planned in another way'}`]
}

/** A package that has come is no matter: the plan says that it is built. Reasons may name it. */
function decisionOf({ installed, changes, damage, onlyWithout }: ActionJson): unknown {
  return [installed, changes, damage, onlyWithout]
}

/** The way of a package has other steps than that of a build. */
function stepsDiffer(saved: ActionJson, now: ActionJson): boolean {
  return saved.package?.name === now.package?.name && !same(saved.steps, now.steps)
}

function differing(before: object, after: object): string[] {
  const labels = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return labels.filter((label) => !same(Reflect.get(before, label), Reflect.get(after, label)))
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson([a]) === canonicalJson([b])
}
