/**
 * The one error type. Everything a user can cause or meet is a BuildStackError; anything else that
 * reaches main.ts is a bug in build-stack and is shown with its stack.
 */

/** Each code with the exit status of a run that ends in it. docs/commands.md lists them for users. */
export const EXIT_STATUS = {
  /** The command line is wrong. */
  USAGE: 64,
  /** A recipe, a patch list or hosts.yaml is wrong. Found before any host is touched. */
  CONFIG: 65,
  /** Recipes that need each other, or ranges that no version satisfies. */
  DEPENDENCY: 65,
  /** Something that this machine or the host lacks (compiler, make, patch, user namespaces). */
  PREREQUISITE: 69,
  /** A source could not be had, or is not what its checksum says. */
  SOURCE: 66,
  /** The host could not be reached or did not let us in. */
  CONNECT: 68,
  /** An S3 server that cannot be reached, lets nobody in, or answers with a fault. */
  STORE: 68,
  /** The connection was lost; what runs on the host goes on. */
  DISCONNECTED: 75,
  /** Somebody else's run holds the host. */
  LOCKED: 75,
  /** A step on the host failed. */
  STEP: 1,
  /** A service did not come up. */
  SERVICE: 1,
  /** Something on the host is not as a run needs it (disk full, damaged receipt). */
  HOST: 1,
  /** A saved plan does not fit any more: recipes, receipts or the host have changed since. */
  STALE: 75,
  /** The user stopped the run. */
  INTERRUPTED: 130,
} as const

export type ErrorCode = keyof typeof EXIT_STATUS

/** A place in a file. line and column count from 1. */
export interface Location {
  file: string
  line: number
  column: number
}

export interface ErrorContext {
  /** Name in hosts.yaml. */
  host?: string
  /** Recipe with its version, as shown: "memcached 1.6.18". */
  recipe?: string
  step?: string
  location?: Location
  /** Last lines of a log, oldest first. */
  log?: string[]
  /** Where the whole log is, as the user would open it. */
  logFile?: string
  /** The command or change that helps, one sentence. */
  next?: string
  cause?: unknown
}

export class BuildStackError extends Error {
  readonly code: ErrorCode
  readonly context: ErrorContext

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, 'cause' in context ? { cause: context.cause } : undefined)
    this.name = 'BuildStackError'
    this.code = code
    this.context = context
  }

  /** The same error with context added by a caller who knows more; what is there already stays. */
  with(context: ErrorContext): BuildStackError {
    return new BuildStackError(this.code, this.message, { ...context, ...this.context })
  }
}

/** Several faults of one input, so that a user can mend a file in one go. */
export class BuildStackErrors extends Error {
  readonly errors: BuildStackError[]

  constructor(errors: BuildStackError[]) {
    super(errors.map((e) => e.message).join('\n'))
    this.name = 'BuildStackErrors'
    this.errors = errors
  }
}
