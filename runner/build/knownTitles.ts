/** Titles of an action's steps, made once for all hosts whose builds are the same: a plan shows no more of a job. */
import type { Build } from '../desired/build.ts'
import type { StepTitles } from '../plan/makePlan.ts'
import { stepTitles } from './job.ts'
import type { JobContext } from './jobFolder.ts'

const known = new WeakMap<Build, Map<string, string[]>>()

export function knownTitles(context: JobContext): StepTitles {
  const { supervisor, facts } = context
  return (action) => {
    const titles = known.get(action.build) ?? new Map<string, string[]>()
    known.set(action.build, titles)
    const services = facts.receipts[action.recipe]?.services ?? []
    const key = [
      action.kind,
      action.package?.at ?? '',
      supervisor?.script ?? '',
      facts.journals.length > 0,
      ...services.map(({ fmri }) => fmri),
    ].join(' ')
    const made = titles.get(key) ?? stepTitles(action, context)
    titles.set(key, made)
    return made
  }
}
