/** A removal as a job: services first, then files, then the records. */
import type { Action } from '../plan/plan.ts'
import { serviceComponent } from '../receipts/receipt.ts'
import { type Attempt, type Job, type JobContext, jobFolder } from './jobFolder.ts'
import { inTurn, lib, type Step, step } from './step.ts'

type Removal = Pick<Action, 'recipe' | 'version' | 'kind' | 'installed'>

export function removalTitles(action: Removal, context: JobContext): string[] {
  return stepsOf(action, context).map(({ title }) => title)
}

export function makeRemoval(action: Removal, context: JobContext, attempt: Attempt): Job {
  const id = `${action.recipe}-${action.version}-remove.${attempt.attempt}`
  return jobFolder(
    {
      ...attempt,
      id,
      prefix: context.host.prefix,
      steps: inTurn(stepsOf(action, context)),
      undo: undoOf(action, context),
      history: { recipe: action.recipe, action: 'remove', from: action.installed, to: undefined },
      files: [],
    },
    context,
  )
}

function stepsOf({ recipe }: Removal, { host, facts, supervisor }: JobContext): Step[] {
  const { prefix } = host
  const root = { root: true }
  const services = facts.receipts[recipe]?.services ?? []
  const supervise = (...words: string[]) => lib(supervisor?.script ?? '', ...words)
  const components = [...(services.length > 0 ? [serviceComponent(recipe)] : []), recipe]
  return [
    ...(facts.journals.length > 0 ? [step('recover', [lib('switch.sh', 'recover', prefix)], root)] : []),
    ...services.toReversed().map(({ fmri }) => step(`stop ${fmri}`, [supervise('stop', fmri)], root)),
    step(
      'remove files',
      components.map((component) => lib('switch.sh', 'remove', prefix, component)),
      root,
    ),
    ...services.map(({ fmri }) => step(`remove ${fmri}`, [supervise('remove', fmri)], root)),
    step(
      'record',
      [
        lib('switch.sh', 'commit', prefix, '', ...components),
        'rm -f undo.root.sh',
        lib('forget.sh', prefix, recipe),
      ],
      root,
    ),
  ]
}

function undoOf({ recipe }: Removal, { host, facts, supervisor }: JobContext): string[] {
  const services = facts.receipts[recipe]?.services ?? []
  return [
    lib('switch.sh', 'undo', host.prefix, recipe),
    lib('switch.sh', 'undo', host.prefix, serviceComponent(recipe)),
    ...services.map(({ fmri, manifest }) => lib(supervisor?.script ?? '', 'undo', fmri, manifest)),
  ]
}
