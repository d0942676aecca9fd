/** What a user is told when a step failed: which, how, the end of its output, where the rest is, and what to do. Pure. */
import { BuildStackError } from '../errors.ts'

export interface FailedStep {
  host: string
  recipe: string
  /** Title. */
  step: string
  code: number
  /** The step's last lines. */
  log: string[]
  /** The whole log on this machine. */
  logFile: string
  /** Path of the step's script on the host, and the shell that runs it. */
  script: string
  shell: string
}

const READ_ITS_LOG =
  'read the end of its log above; correct the recipe’s service or configuration, then run again'

/** What a step does to a service has its name behind one of these. */
const OF_SERVICES = /^(start|stop|restart|refresh) /

/** Text of a step's output that says more about the cause than "failed" does. First match wins. */
const causes: { pattern: RegExp; says: (match: RegExpMatchArray) => string; next: string }[] = [
  {
    pattern: /No space left on device/i,
    says: () => 'the disk is full',
    next: 'free some space in the working folder and under the prefix, then run again',
  },
  {
    pattern: /patch (\S+) does not apply/,
    says: (match) => `patch ${match[1]} does not apply`,
    next: 'look at the reject file named above; mend the patch in patches/, then run again',
  },
  {
    pattern: /would replace files that are not its own/,
    says: () => 'files of others are in the way',
    next: 'move the files named above away, or run again with --adopt (takes over what is the same) or --overwrite (keeps the old ones aside)',
  },
  {
    pattern: /^(\S+) is there already, and is not the one of \S+$/,
    says: (match) => `${match[1]} is somebody else's`,
    next: 'give the recipe’s service another name, or take that one away (svccfg delete, or the link that svscan sees); nothing was stopped',
  },
  {
    pattern: /does not stay (?:online|up)/,
    says: () => 'the service does not stay up',
    next: READ_ITS_LOG,
  },
  {
    pattern: /is maintenance/,
    says: () => 'the service ended in maintenance',
    next: READ_ITS_LOG,
  },
  {
    pattern: /^(?:\S+ on )?(\S+) does not .* within \d+ s, and \S+ needs it$/,
    says: (match) => match[0],
    next: 'see to that box (build-stack services of it), then run again; nothing was stopped here',
  },
  {
    pattern: /^\S+ does not ((?:accept connections on|answer http:|pass its test:) ?.*?)(?: within \d+ s)?$/,
    says: (match) => `the service does not ${match[1]}`,
    next: READ_ITS_LOG,
  },
  {
    pattern: /did not come (?:online|up) within (\d+) s/,
    says: (match) => `the service did not come up within ${match[1]} s`,
    next: READ_ITS_LOG,
  },
  {
    pattern: /SMF does not answer/,
    says: () => 'SMF does not answer',
    next: 'see to svc.configd and svc.startd on the host, then run again; nothing was stopped',
  },
  {
    pattern: /no svscan watches (\S+):/,
    says: (match) => `no svscan watches ${match[1]}`,
    next: 'start svscan there (the recipe daemontools does it at every boot), then run again',
  },
]

export function stepFailure(failed: FailedStep): BuildStackError {
  const cause = causes.flatMap(({ pattern, says, next }) => {
    const match = failed.log.map((line) => line.match(pattern)).find(Boolean)
    return match ? [{ text: says(match), next }] : []
  })[0]
  const isService = OF_SERVICES.test(failed.step)
  const repeat = `to repeat the step by hand: ssh ${failed.host} ${failed.shell} ${failed.script}`
  return new BuildStackError(
    isService ? 'SERVICE' : 'STEP',
    `${failed.step} failed (exit code ${failed.code})${cause ? `: ${cause.text}` : ''}`,
    {
      host: failed.host,
      recipe: failed.recipe,
      step: failed.step,
      log: failed.log,
      logFile: failed.logFile,
      next: cause?.next ?? repeat,
    },
  )
}
