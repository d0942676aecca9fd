/** Taking a hand-made installation into the records, as a job: its files are listed and packed, and nothing is changed. */
import { packageName } from '../packages/package.ts'
import type { Action } from '../plan/plan.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { datedReceipts, fileCommand } from './installSteps.ts'
import { configurationFiles, receiptOf } from './job.ts'
import { type Attempt, type Job, type JobContext, jobFolder, textFile } from './jobFolder.ts'
import { textFiles } from './keptTexts.ts'
import { linksCommand } from './packageSteps.ts'
import { inTurn, lib, type Step, step } from './step.ts'

type Adoption = Pick<Action, 'recipe' | 'version' | 'build' | 'kind' | 'adopted'>

export function adoptionTitles(action: Pick<Adoption, 'build'>, context: JobContext): string[] {
  return stepsOf(action, context).map(({ title }) => title)
}

export function makeAdoption(
  action: Adoption,
  context: JobContext,
  attempt: Attempt,
  patchContent: (file: string) => Buffer,
): Job {
  const { build, adopted } = action
  const id = `${build.recipe}-${build.version}-adopt.${attempt.attempt}`
  const marked = adoptedReceipt(action, id, context)
  const info = { format: 1, recipe: build.recipe, version: build.version, receipt: marked, build }
  return jobFolder(
    {
      ...attempt,
      id,
      prefix: build.prefix,
      steps: inTurn(stepsOf(action, context)),
      // Nothing of the host changes before the last step, which is done or not.
      undo: [],
      history: { recipe: build.recipe, action: 'adopt', from: undefined, to: build.version },
      files: [
        textFile('receipt.json', `${JSON.stringify(marked)}\n`),
        textFile('package.json', `${JSON.stringify(info)}\n`),
        ...(adopted?.paths ? [textFile('paths', lines(adopted.paths))] : []),
        ...(adopted?.patterns ? [textFile('patterns', lines(adopted.patterns))] : []),
        ...configurationFiles(build, context),
        ...textFiles(build, patchContent),
      ],
    },
    context,
  )
}

/** Services that the supervisor does not know by the recipe's name are no part of it: the next run's plan adds them. */
function adoptedReceipt(action: Adoption, id: string, context: JobContext): Receipt {
  const receipt = receiptOf(action, id, context)
  const { supervisor } = context
  const known = new Set(context.facts.services.map(({ fmri }) => fmri))
  const runs = action.build.services.flatMap((service) =>
    supervisor && known.has(supervisor.identifier(service)) ? [service.name] : [],
  )
  const services = Object.entries(receipt.inputs.services).filter(([name]) => runs.includes(name))
  return {
    ...receipt,
    adopted: true,
    services: receipt.services.filter(({ fmri }) => known.has(fmri)),
    inputs: { ...receipt.inputs, services: Object.fromEntries(services) },
  }
}

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join('')
}

function stepsOf({ build }: Pick<Adoption, 'build'>, { host, facts }: JobContext): Step[] {
  const root = { root: true }
  const stage = `stage${build.prefix}`
  const { prefix, recipe } = build
  const texts = build.patches.length + build.files.length > 0
  return [
    ...(facts.journals.length > 0 ? [step('recover', [lib('switch.sh', 'recover', prefix)], root)] : []),
    step('collect files', [lib('adopt.sh', 'collect', prefix, recipe, stage)], root),
    // For going back to it after an upgrade.
    step('pack', [linksCommand(build, facts), lib('pack.sh', stage)], root),
    step(
      'record',
      [
        ...datedReceipts(),
        // What is there is the administrator's; what he has otherwise than the recipe counts as edited.
        ...build.files.map(fileCommand(build, 'record')),
        lib('adopt.sh', 'record', prefix, recipe, stage, 'receipt.dated'),
        ...(texts ? [lib('keep-texts.sh', prefix, recipe)] : []),
        lib('store.sh', 'add', prefix, recipe, packageName(build), String(host.keep)),
      ],
      root,
    ),
    step('clean', ['rm -rf stage package.tar.gz'], root),
  ]
}
