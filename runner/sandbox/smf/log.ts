/**
 * The services' logs in /var/svc/log: svc.startd's own lines, and the files that methods write to.
 * Read in illumos: startd/log.c (log_instance, setlog), startd/restarter.c (restarter_insert_inst: the name of the
 * file).
 */
import { appendFileSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { monthDay, time } from './clock.ts'
import { logName } from './fmri.ts'
import { fileInWorld } from './worldFiles.ts'

const FOLDER = '/var/svc/log'

export class ServiceLog {
  /** As the world's users see it. */
  readonly path: string
  readonly #file: string

  constructor(root: string, service: string, instance: string) {
    this.path = `${FOLDER}/${logName(service, instance)}`
    this.#file = join(fileInWorld(root, FOLDER) ?? join(root, FOLDER), logName(service, instance))
  }

  /** Adds "[ Nov 24 06:41:00 text ]". A log that cannot be written stops nothing. */
  write(text: string): void {
    const now = new Date()
    try {
      this.#prepare()
      appendFileSync(this.#file, `[ ${monthDay(now)} ${time(now)} ${text} ]\n`, { mode: 0o644 })
    } catch {
      // A full disk shows in the service's own failures.
    }
  }

  /** A descriptor for a method's output; the caller closes it. */
  open(): number {
    this.#prepare()
    return openSync(this.#file, 'a', 0o644)
  }

  #prepare(): void {
    mkdirSync(dirname(this.#file), { recursive: true })
  }
}
