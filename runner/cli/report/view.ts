/** The state of a run as the live list shows it: events go in, what is to be seen comes out. No clock, no terminal. */
import type { BuildStackError } from '../../errors.ts'
import type { Action } from '../../plan/plan.ts'
import type { Expected, RunEvent } from '../../run/events.ts'

/** All times are milliseconds since 1970, all durations seconds. */
export interface RunView {
  hosts: Map<string, HostView>
  /** In the order they came. */
  failures: BuildStackError[]
}

export interface HostView {
  name: string
  address: string | undefined
  /** The job of somebody else that has to end first; it may come between two of ours. */
  waitsFor: string | undefined
  /** Why it is not begun. */
  because: string | undefined
  state: 'waiting' | 'connecting' | 'running' | 'ended' | 'stopped'
  startedAt: number
  seconds: number
  error: BuildStackError | undefined
  /** Known once the host is planned. */
  recipes: RecipeView[]
}

export interface RecipeView {
  name: string
  version: string
  action: Action
  state: 'waiting' | 'running' | 'kept' | 'done' | 'failed' | 'skipped'
  startedAt: number
  seconds: number
  error: BuildStackError | undefined
  because: string | undefined
  /** What is under way between the steps. */
  transfer: Transfer | undefined
  expected: Expected | undefined
  /** How many steps the job has; 0 before it is known. */
  stepCount: number
  /** Those that were started; the last one may be running. */
  steps: StepView[]
}

export interface Transfer {
  /** "fetch memcached-1.6.18.tar.gz", "upload" */
  what: string
  startedAt: number
  /** Bytes that were there at the start: a download that was resumed. */
  before: number
  done: number
  total: number | undefined
}

export interface StepView {
  title: string
  startedAt: number
  /** undefined while it runs. */
  seconds: number | undefined
  code: number | undefined
  /** The last line as it came from the host. */
  line: string
  logBytes: number
}

export function newView(hosts: string[]): RunView {
  return { hosts: new Map(hosts.map((name) => [name, newHost(name)])), failures: [] }
}

/** Takes an event in. Called for each line of output: it has to be cheap. */
export function apply(view: RunView, event: RunEvent, now: number): void {
  const host = view.hosts.get(event.host)
  if (!host) return
  switch (event.type) {
    case 'host-connecting':
      Object.assign(host, { state: 'connecting', address: event.address, startedAt: now })
      return
    case 'host-waiting':
      host.waitsFor = event.job
      return
    case 'host-planned':
      Object.assign(host, { state: 'running', waitsFor: undefined })
      host.recipes = planned(host.recipes, event.plan.actions)
      return
    case 'host-left':
      Object.assign(host, { state: 'stopped', because: event.because })
      return
    case 'host-end':
      Object.assign(host, { state: 'ended', seconds: event.seconds, error: event.error })
      if (event.error) view.failures.push(event.error)
      leaveRest(host, 'not run')
      return
    default: {
      const recipe = host.recipes.find((one) => one.name === event.recipe)
      if (recipe) applyToRecipe(view, recipe, event, now)
    }
  }
}

/** The run broke off: nothing more will come. */
export function stop(view: RunView): void {
  for (const host of view.hosts.values()) {
    if (host.state !== 'ended') host.state = 'stopped'
    leaveRest(host, 'stopped')
  }
}

export function isSettled(recipe: RecipeView): boolean {
  return recipe.state !== 'waiting' && recipe.state !== 'running'
}

type RecipeEvent = Exclude<
  RunEvent,
  { type: 'host-connecting' | 'host-waiting' | 'host-planned' | 'host-left' | 'host-end' }
>

function applyToRecipe(view: RunView, recipe: RecipeView, event: RecipeEvent, now: number): void {
  const step = recipe.steps.at(-1)
  switch (event.type) {
    case 'recipe-start':
      Object.assign(recipe, { state: 'running', startedAt: now })
      return
    case 'fetch':
      recipe.transfer = transferred(recipe.transfer, `fetch ${event.what}`, event.done, event.total, now)
      return
    case 'upload':
      recipe.transfer = transferred(recipe.transfer, 'upload', event.done, event.total, now)
      return
    case 'job':
      Object.assign(recipe, {
        transfer: undefined,
        steps: [],
        stepCount: event.steps.length,
        expected: event.expected,
      })
      return
    case 'recipe-locked':
      Object.assign(recipe, { state: 'waiting', transfer: undefined, steps: [], stepCount: 0 })
      return
    case 'step-kept':
      recipe.transfer = undefined
      recipe.steps.push({ ...newStep(event.step.title, now), seconds: 0, code: 0 })
      return
    case 'step-start':
      recipe.transfer = undefined
      recipe.steps.push(newStep(event.step.title, now))
      return
    case 'output':
      if (!step) return
      step.line = event.line
      step.logBytes += Buffer.byteLength(event.line) + 1
      return
    case 'step-end':
      if (step) Object.assign(step, { seconds: event.seconds, code: event.code })
      return
    case 'recipe-end': {
      const { result, seconds, error, because } = event
      Object.assign(recipe, { state: result, seconds, error, because, transfer: undefined })
      if (error) view.failures.push(error)
    }
  }
}

function transferred(
  transfer: Transfer | undefined,
  what: string,
  done: number,
  total: number | undefined,
  now: number,
): Transfer {
  if (transfer?.what !== what) return { what, startedAt: now, before: done, done, total }
  return Object.assign(transfer, { done, total })
}

/** The recipes of a plan; of one that comes after another one, with what became of them so far. */
function planned(before: readonly RecipeView[], actions: readonly Action[]): RecipeView[] {
  const now = new Map(actions.map((action) => [action.recipe, action]))
  for (const recipe of before) {
    const action = now.get(recipe.name)
    now.delete(recipe.name)
    if (action && (!isSettled(recipe) || isToDoAgain(recipe, action)))
      Object.assign(recipe, newRecipe(action))
    // Somebody else has done it.
    if (!action && !isSettled(recipe)) recipe.state = 'kept'
  }
  return [...before, ...[...now.values()].map(newRecipe)]
}

function isToDoAgain({ state }: RecipeView, { kind }: Action): boolean {
  return kind !== 'keep' && (state === 'kept' || state === 'done')
}

function leaveRest(host: HostView, because: string): void {
  for (const recipe of host.recipes) {
    if (!isSettled(recipe)) Object.assign(recipe, { state: 'skipped', because })
  }
}

function newHost(name: string): HostView {
  return {
    name,
    address: undefined,
    waitsFor: undefined,
    because: undefined,
    state: 'waiting',
    startedAt: 0,
    seconds: 0,
    error: undefined,
    recipes: [],
  }
}

function newRecipe(action: Action): RecipeView {
  return {
    name: action.recipe,
    version: action.version,
    action,
    state: action.kind === 'keep' ? 'kept' : 'waiting',
    startedAt: 0,
    seconds: 0,
    error: undefined,
    because: undefined,
    transfer: undefined,
    expected: undefined,
    stepCount: 0,
    steps: [],
  }
}

function newStep(title: string, now: number): StepView {
  return { title, startedAt: now, seconds: undefined, code: undefined, line: '', logBytes: 0 }
}
