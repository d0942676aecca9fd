/**
 * Whether a service is started too often: the average distance of its last starts.
 * Read in illumos: startd/method.c (method_record_start, method_rate_critical), startd.h, restarter.c
 * (reset_start_times).
 */
import { type Groups, own } from '../repository.ts'

const STARTS = 5
const PERIOD_SECONDS = { contract: 600, transient: 600, child: 1 }

export class RestartRate {
  #starts: number[] = []

  record(): void {
    this.#starts.push(performance.now())
  }

  reset(): void {
    this.#starts = []
  }

  /** startd/critical_failure_count and _period replace the usual limits: both, as integers, or none. */
  tooFast(groups: Groups, model: keyof typeof PERIOD_SECONDS): boolean {
    const given = [integer(groups, 'critical_failure_count'), integer(groups, 'critical_failure_period')]
    const [count = STARTS, seconds = PERIOD_SECONDS[model]] = given.includes(undefined) ? [] : given
    if (count < 2 || this.#starts.length < count) return false
    const recent = this.#starts.slice(-count)
    const average = ((recent.at(-1) ?? 0) - (recent[0] ?? 0)) / (count - 1)
    return average < seconds * 1000
  }
}

function integer(groups: Groups, name: string): number | undefined {
  const property = own(own(groups, 'startd')?.properties ?? {}, name)
  return property?.type === 'integer' ? Number(property.values[0]) : undefined
}
