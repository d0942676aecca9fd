/** What an administrator asks of services, as a job: nothing is installed, and a failed start stays as it is, to be looked at. */
import type { Action } from '../plan/plan.ts'
import { awaitStepsOf } from './awaitSteps.ts'
import { type Attempt, type Job, type JobContext, jobFolder } from './jobFolder.ts'
import { inTurn, lib, type Step, step } from './step.ts'

type ServiceAction = Pick<Action, 'recipe' | 'version' | 'kind' | 'services'>

export function serviceTitles(action: ServiceAction, context: JobContext): string[] {
  return stepsOf(action, context).map(({ title }) => title)
}

export function makeServiceJob(action: ServiceAction, context: JobContext, attempt: Attempt): Job {
  const { recipe, version, kind } = action
  const id = `${recipe}-${version}-${kind}.${attempt.attempt}`
  return jobFolder(
    {
      ...attempt,
      id,
      prefix: context.host.prefix,
      steps: stepsOf(action, context),
      undo: [],
      history: { recipe, action: kind, from: version, to: version },
      files: [],
    },
    context,
  )
}

function stepsOf({ kind, services }: ServiceAction, { supervisor }: JobContext): Step[] {
  if (!supervisor) return []
  const starts = kind === 'start' || kind === 'restart'
  const awaited = starts ? (services ?? []).flatMap(awaitStepsOf) : []
  const obeyed = (services ?? []).map((service) => {
    const words = supervisor.obey(kind as Parameters<typeof supervisor.obey>[0], service)
    return step(`${kind} ${service.name}`, [lib(supervisor.script, ...words)], { root: true })
  })
  return [...awaited, ...inTurn(obeyed)]
}
