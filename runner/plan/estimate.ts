/** How long an action takes, and how long its services are down, from what the steps took the last time. Pure. */
import type { Expected } from '../run/events.ts'
import type { Action } from './plan.ts'
import type { Estimate, ServiceForecast } from './preview.ts'

/** What one host's runs of a recipe took. */
export interface Recorded {
  host: string
  expected: Expected
  cpus: number | undefined
}

/** The step that uses all cpus. */
const PARALLEL = 'build'

/** The seconds of each step as this host would need them: another host's compiling is scaled by the cpus. */
export function secondsOf(
  action: Pick<Action, 'build'>,
  recorded: Recorded,
  host: string,
  cpus: number,
): Expected['seconds'] {
  const { seconds } = recorded.expected
  if (recorded.host === host || !recorded.cpus || !action.build.parallel) return seconds
  const compile = seconds[PARALLEL]
  return compile === undefined ? seconds : { ...seconds, [PARALLEL]: (compile * recorded.cpus) / cpus }
}

/** Undefined where too little is known: a guess that leaves the compiling out would be worse than none. */
export function durationOf(
  steps: readonly string[],
  seconds: Expected['seconds'],
  from: string,
): Estimate | undefined {
  const known = steps.filter((title) => title in seconds)
  if (known.length * 2 < steps.length) return undefined
  if (steps.includes(PARALLEL) && !(PARALLEL in seconds)) return undefined
  return { seconds: known.reduce((sum, title) => sum + (seconds[title] ?? 0), 0), from }
}

/** From the beginning of a service's stop to the end of its start; undefined where one of the two is not known. */
export function downSeconds(
  steps: readonly string[],
  seconds: Expected['seconds'],
  service: string,
): number | undefined {
  const [stop, start] = [`stop ${service}`, `start ${service}`]
  const [from, to] = [steps.indexOf(stop), steps.indexOf(start)]
  if (from < 0 || to < from || !(stop in seconds) || !(start in seconds)) return undefined
  return steps.slice(from, to + 1).reduce((sum, title) => sum + (seconds[title] ?? 0), 0)
}

export interface ServiceSet {
  /** Of a service by its name, as its supervisor has it; undefined for one that is not there. */
  state: (name: string) => string | undefined
  /** Those that the recipe has no more. */
  gone: readonly string[]
  /** Names of those that other recipes of the plan bring. */
  coming: ReadonlySet<string>
}

const STOPPED = ['disabled', 'uninitialized']
const RUNNING = ['online', 'degraded']

/** What happens to services, in the order in which they stop, then others that load what the recipe installs. */
export function serviceForecasts(
  action: Pick<Action, 'build' | 'steps' | 'kind'>,
  seconds: Expected['seconds'],
  { state, gone, coming }: ServiceSet,
): ServiceForecast[] {
  const { build, steps, kind } = action
  const stops = gone.map((name): ServiceForecast => ({ name, what: 'stop', downSeconds: undefined }))
  if (kind === 'remove') return stops
  const own = build.services.toReversed().map(({ name, enabled }): ServiceForecast | undefined => {
    const now = state(name)
    if (now !== undefined && RUNNING.includes(now))
      return { name, what: 'restart', downSeconds: downSeconds(steps, seconds, name) }
    // What an administrator stopped stays stopped; what is new starts unless the recipe leaves it disabled. One that has
    // failed, or waits for another, is started again.
    const starts = now === undefined ? enabled : !STOPPED.includes(now)
    return starts ? { name, what: 'start', downSeconds: undefined } : undefined
  })
  const others = build.restarts
    .filter((name) => coming.has(name) || !STOPPED.includes(state(name) ?? 'uninitialized'))
    .map((name): ServiceForecast => ({ name, what: 'restart', downSeconds: seconds[`restart ${name}`] }))
  return [...own.flatMap((one) => one ?? []), ...stops, ...others]
}
