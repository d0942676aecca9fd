/** Steps that wait for what services need of other boxes, before anything of them is stopped or started. */
import type { BuildService } from '../desired/build.ts'
import { awaitWords } from '../services/awaiting.ts'
import type { JobContext } from './jobFolder.ts'
import { lib, type Step, step } from './step.ts'

/** None for a service that will not be started: one that an administrator had stopped stays so. */
export function awaitSteps(services: readonly BuildService[], { supervisor, facts }: JobContext): Step[] {
  if (!supervisor) return []
  const starting = services.filter((service) => {
    const fmri = supervisor.identifier(service)
    const state = facts.services.find((one) => one.fmri === fmri)?.state
    return state === undefined ? service.enabled : state !== 'disabled'
  })
  return starting.flatMap(awaitStepsOf)
}

export function awaitStepsOf(service: Pick<BuildService, 'name' | 'awaits'>): Step[] {
  return awaitWords(service).map(({ what, words }) => step(`wait for ${what}`, [lib('await.sh', ...words)]))
}
