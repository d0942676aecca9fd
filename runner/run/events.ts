/**
 * What a run tells while it goes on. The run only emits; how it looks (a live task list, plain lines, JSON lines) is
 * the reporters' business in cli/report/. Every event is plain JSON but for errors, which `errorJson` makes so.
 */
import type { BuildStackError } from '../errors.ts'
import type { Action, Plan } from '../plan/plan.ts'
import type { Preview } from '../plan/preview.ts'

/** Where an event belongs: a host, and on it a recipe ("memcached") with its version. */
interface OfRecipe {
  host: string
  recipe: string
  version: string
}

export interface StepTitle {
  /** "03-configure": the name of its script and log mark. */
  name: string
  /** "configure" */
  title: string
}

/** What the last run of the same recipe on the same host took, for progress. */
export interface Expected {
  /** Seconds of each step by its title. */
  seconds: Record<string, number>
  /** Bytes of log of each step by its title. */
  logBytes: Record<string, number>
  /** Bytes below WORK that the build was expected to need; absent where nothing was compiled. */
  workBytes?: number
}

export type RunEvent =
  | { type: 'host-connecting'; host: string; address: string }
  /** Another job runs there, and this run waits for its end. lock: who holds the host, since when. */
  | { type: 'host-waiting'; host: string; job: string; lock: string }
  /** preview: with a dry run. It comes again when the host was found locked after the first. */
  | { type: 'host-planned'; host: string; plan: Plan; preview?: Preview }
  | ({ type: 'recipe-start'; action: Action } & OfRecipe)
  | ({ type: 'fetch'; what: string; done: number; total: number | undefined } & OfRecipe)
  | ({ type: 'upload'; done: number; total: number } & OfRecipe)
  /** resumed: the job was running already, started by a run that lost its connection or was killed. */
  | ({
      type: 'job'
      job: string
      resumed: boolean
      steps: StepTitle[]
      expected: Expected | undefined
    } & OfRecipe)
  /** Its job was not started: another run has the host. The host's next plan says what becomes of it. */
  | ({ type: 'recipe-locked'; because: string } & OfRecipe)
  /** An earlier job that failed or was cut off has done it. */
  | ({ type: 'step-kept'; step: StepTitle } & OfRecipe)
  | ({ type: 'step-start'; step: StepTitle } & OfRecipe)
  /** One line of output of the step that runs, without its line break. */
  | ({ type: 'output'; step: StepTitle; line: string } & OfRecipe)
  | ({ type: 'step-end'; step: StepTitle; code: number; seconds: number } & OfRecipe)
  | ({
      type: 'recipe-end'
      result: 'kept' | 'done' | 'failed' | 'skipped'
      seconds: number
      error?: BuildStackError
      because?: string
    } & OfRecipe)
  /** It would have come in a later batch, and is not touched. */
  | { type: 'host-left'; host: string; because: string }
  /** error: the host could not be reached, probed or planned; its recipes have no events then. */
  | { type: 'host-end'; host: string; seconds: number; error?: BuildStackError }

export type Emit = (event: RunEvent) => void
