/**
 * Events of one instance, worked off one after the other, never inside the caller's turn.
 * Read in illumos: startd/restarter.c (restarter_process_events, inst_lookup_by_id).
 */

export class EventQueue<Event> {
  readonly #process: (event: Event) => Promise<void>
  readonly #waiting: Event[] = []
  #working = false

  constructor(process: (event: Event) => Promise<void>) {
    this.#process = process
  }

  add(event: Event): void {
    this.#waiting.push(event)
    if (!this.#working) void this.#work()
  }

  async #work(): Promise<void> {
    this.#working = true
    await new Promise(setImmediate)
    for (let event = this.#waiting.shift(); event; event = this.#waiting.shift()) await this.#process(event)
    this.#working = false
  }
}
