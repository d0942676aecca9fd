/** Titles of an action's steps, made once for all hosts whose builds are the same: a plan shows no more of a job. */
import type { Build } from '../desired/build.ts'
import { Remembered } from '../desired/remembered.ts'
import type { StepTitles } from '../plan/makePlan.ts'
import { droppedFiles } from './installSteps.ts'
import { stepTitles } from './job.ts'
import type { JobContext } from './jobFolder.ts'

const known = new Remembered<Build, string[]>()

/** What waits for another box does so only where it will be started. */
function awaitingStates({ build }: Parameters<StepTitles>[0], { supervisor, facts }: JobContext): string[] {
  return build.services.flatMap((service) => {
    if (!service.awaits) return []
    const fmri = supervisor?.identifier(service)
    return facts.services.find((one) => one.fmri === fmri)?.state ?? 'none'
  })
}

export function knownTitles(context: JobContext): StepTitles {
  const { supervisor, facts } = context
  return (action) => {
    const services = facts.receipts[action.recipe]?.services ?? []
    const key = [
      action.kind,
      action.package?.at ?? '',
      supervisor?.script ?? '',
      facts.journals.length > 0,
      droppedFiles(action.build, context).length > 0,
      ...services.map(({ fmri }) => fmri),
      ...awaitingStates(action, context),
    ].join(' ')
    return known.get(action.build, key, () => stepTitles(action, context))
  }
}
