/** A step: a script on the host, with the title that the plan, the task list and the log show. */
import { commandLine, exports, quote } from '../shell.ts'

export interface Step {
  title: string
  /** Needs the rights of the prefix's owner. */
  root: boolean
  /** Changes the host beyond the job's folder: one job at a time is at such a step. */
  turn?: boolean
  /** Its make may use all cpus that are free. */
  parallel?: boolean
  /** Shell text. Runs in the job's folder after env.sh; stops at the first line that fails. */
  script: string
  /** Of a step that works in the build folder, where the next job finds what it did: see host/resume.sh. */
  keep?: Keep
}

export interface Keep {
  /** All that its result depends on, but for the steps before it. The same for every attempt. */
  inputs: string
  /** False: it changes files in place, and can only be repeated from the first step on. */
  again: boolean
}

export interface StepOptions {
  root?: boolean
  /** Below the job's folder, or absolute. */
  folder?: string
  env?: Record<string, string>
}

/** Lines that run one after the other; the first that fails ends the step with its exit code. */
export function step(title: string, commands: readonly string[], options: StepOptions = {}): Step {
  const lines = [
    ...(options.folder ? [`cd ${quote(options.folder)} || exit 1`] : []),
    ...(options.env ? [exports(options.env).trimEnd()] : []),
    ...commands.map((command) => `${command} || exit $?`),
  ]
  // A title is one line of a list on the host.
  return {
    title: title.replace(/\p{Cc}+/gu, ' '),
    root: options.root ?? false,
    script: lines.filter(Boolean).join('\n'),
  }
}

/** The same steps as ones that take turns with those of other jobs. */
export function inTurn(steps: readonly Step[]): Step[] {
  return steps.map((one) => ({ ...one, turn: true }))
}

/** A call of one of the scripts in runner/host/ that the job brings along. */
export function lib(script: string, ...words: string[]): string {
  return `"$BUILD_STACK_SHELL" "$trusted/lib/${script}"${words.length > 0 ? ` ${commandLine(words)}` : ''}`
}

/** The whole text of a step's script. It can be run by hand: it needs nothing from its caller. */
export function stepScript(jobFolder: string, title: string, script: string): string {
  return [
    '#!/bin/sh',
    `# ${title.replace(/[^\x20-\x7e]/g, '?')}`,
    `job=${quote(jobFolder)}`,
    // Another folder where root runs copies of the scripts.
    'trusted=${BUILD_STACK_TRUSTED:-$job}',
    'cd "$job" || exit 1',
    '. "$trusted/env.sh"',
    script,
    '',
  ].join('\n')
}
