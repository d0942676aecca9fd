/** Whether a service is started too often: the average distance of its last starts. */
import { type Groups, value } from '../repository.ts'

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

  /** startd/critical_failure_count and _period override the usual limits. */
  tooFast(groups: Groups, model: keyof typeof PERIOD_SECONDS): boolean {
    const count = Number(value(groups, 'startd', 'critical_failure_count') ?? STARTS)
    const seconds = Number(value(groups, 'startd', 'critical_failure_period') ?? PERIOD_SECONDS[model])
    if (count < 2 || this.#starts.length < count) return false
    const recent = this.#starts.slice(-count)
    const average = ((recent.at(-1) ?? 0) - (recent[0] ?? 0)) / (count - 1)
    return average < seconds * 1000
  }
}
