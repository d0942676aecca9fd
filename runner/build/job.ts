/** An action of a plan as a job: its steps, and the files that only this job needs. */
import { createHash } from 'node:crypto'
import type { Build, BuildService } from '../desired/build.ts'
import { marksOf } from '../desired/secretMarks.ts'
import { reveal, secretsOf } from '../desired/secrets.ts'
import { isCompiled } from '../plan/makePlan.ts'
import type { Action } from '../plan/plan.ts'
import { RECEIPT_FORMAT, type Receipt, type ServiceReceipt } from '../receipts/receipt.ts'
import { awaitScripts } from '../services/awaiting.ts'
import { requiredNames } from '../services/required.ts'
import type { Supervisor } from '../services/supervisor.ts'
import { awaitSteps } from './awaitSteps.ts'
import { buildFolder, compileSteps, patchPath, removal } from './compileSteps.ts'
import { installedPackage, installSteps, supervised, undoCommands } from './installSteps.ts'
import {
  type Attempt,
  hostFile,
  type Job,
  type JobContext,
  type JobFile,
  jobFolder,
  textFile,
} from './jobFolder.ts'
import { jobPath } from './jobPath.ts'
import type { Start } from './keptSteps.ts'
import { textFiles } from './keptTexts.ts'
import { packageSteps } from './packageSteps.ts'
import { inTurn, lib, type Step, step } from './step.ts'
import { workplaceScript } from './workplace.ts'

/** The verified archive on this machine. */
export interface JobSource {
  path: string
  file: string
  sha256: string
  size: number
  /** The archive's one top folder; undefined when it has none. */
  root: string | undefined
}

export interface JobParts extends Attempt {
  /** Undefined for an action that compiles nothing. */
  source: JobSource | undefined
  /** A package on this machine that goes up. */
  package: { path: string; sha256: string; size: number } | undefined
  /** For a rollback: the receipt comes back as it was. */
  receipt: Receipt | undefined
  /** How many the build may use at once. */
  cpus: number
  /** Where a build begins that an earlier job had begun. */
  start: Start
  patchContent(file: string): Buffer
}

type Work = Omit<Action, 'steps'>

/** Equal for two runs that would do the same: how a run recognises the job of one that was cut off. */
export function jobKey({ build, kind }: Pick<Action, 'build' | 'kind'>): string {
  const what = JSON.stringify([
    kind === 'update',
    build.fingerprint,
    build.inputs.files,
    build.inputs.services,
  ])
  return `${build.recipe}-${build.version}-${createHash('sha256').update(what).digest('hex').slice(0, 10)}`
}

export function stepTitles(action: Work, context: JobContext): string[] {
  return stepsOf(action, context, '', undefined).map(({ title }) => title)
}

export async function makeJob(action: Action, context: JobContext, parts: JobParts): Promise<Job> {
  const { build } = action
  const id = `${jobKey(action)}.${parts.attempt}`
  const folder = jobPath(context.host.work, id)
  const receipt = parts.receipt ?? receiptOf(action, id, context)
  const info = { format: 1, recipe: build.recipe, version: build.version, receipt, build }
  return jobFolder(
    {
      ...parts,
      id,
      prefix: build.prefix,
      steps: stepsOf(action, context, folder, parts),
      undo: undoCommands(build, context),
      history: { recipe: build.recipe, action: action.kind, from: action.installed, to: build.version },
      kept: isBuilt(action)
        ? { folder: buildFolder(context.host, build), build, start: parts.start }
        : undefined,
      files: [
        textFile('receipt.json', `${JSON.stringify(receipt)}\n`),
        textFile('package.json', `${JSON.stringify(info)}\n`),
        ...build.patches.map((patch, index) => ({
          path: patchPath(index, patch.file),
          mode: 0o644,
          content: parts.patchContent(patch.file),
        })),
        ...configurationFiles(build, context),
        ...(isBuilt(action) && parts.source
          ? [textFile('workplace.sh', workplaceScript(build, context, folder, parts.source))]
          : []),
        ...textFiles(build, parts.patchContent),
        ...(await serviceFiles(build, context)),
        ...(parts.source ? [upload(`source/${parts.source.file}`, parts.source)] : []),
        ...(parts.package
          ? [
              upload('package.tar.gz', parts.package),
              textFile('package.tar.gz.sha256', `${parts.package.sha256}\n`),
            ]
          : []),
      ],
    },
    context,
  )
}

function upload(path: string, { path: file, size }: { path: string; size: number }): JobFile {
  return { path, mode: 0o644, content: { file, size } }
}

/** Whether it is compiled here, step by step, and not had from a package. */
function isBuilt({ kind, build, package: found }: Work): boolean {
  return isCompiled(kind) && !found && !('packages' in build.source) && !('none' in build.source)
}

function stepsOf(
  action: Work,
  context: JobContext,
  folder: string,
  parts: Pick<JobParts, 'source' | 'package' | 'cpus'> | undefined,
): Step[] {
  const { build } = action
  const place = isBuilt(action) ? buildFolder(context.host, build) : undefined
  const made = isCompiled(action.kind) ? (place ?? '.') : undefined
  const recover = step('recover', [lib('switch.sh', 'recover', build.prefix)], { root: true })
  const left = place ? [place, 'stage-services', 'source'] : ['stage', 'stage-services', 'package.tar.gz']
  return [
    ...(context.facts.journals.length > 0 ? inTurn([recover]) : []),
    ...(made && action.package ? packageSteps(action, folder, parts?.package, context.facts) : []),
    ...(made && !action.package ? compileSteps(build, context, folder, parts) : []),
    // Not in turn: others may go on meanwhile.
    ...awaitSteps(build.services, context),
    ...inTurn(installSteps(action, made, context)),
    step('clean', [removal(left)]),
  ]
}

export function receiptOf(
  { build, kind }: Pick<Action, 'build' | 'kind'>,
  job: string,
  { facts, supervisor, by, secretMarks }: JobContext,
): Receipt {
  const before = facts.receipts[build.recipe]
  const secrets = marksOf(secretsOf([build]), secretMarks, before?.secrets)
  return {
    format: RECEIPT_FORMAT,
    recipe: build.recipe,
    version: build.version,
    prefix: build.prefix,
    fingerprint: build.fingerprint,
    inputs: build.inputs,
    services: supervisor ? build.services.map((service) => serviceReceipt(build, service, supervisor)) : [],
    ...(Object.keys(secrets).length > 0 && { secrets }),
    // What it was built with stays true when only its services or configuration change.
    dependencies: kind === 'update' && before ? before.dependencies : build.dependencies,
    ...(kind === 'update' ? before?.links && { links: before.links } : { links: LINKS }),
    ...packagedOf(build, kind, before),
    package: installedPackage(build, kind, before),
    installedAt: '@INSTALLED_AT@',
    installedBy: by,
    job,
    platform: build.platform,
  }
}

function serviceReceipt(build: Build, service: BuildService, supervisor: Supervisor): ServiceReceipt {
  const requires = requiredNames(service).map((name) => supervisor.identifier({ name }))
  return {
    fmri: supervisor.identifier(service),
    manifest: supervisor.definition(build, service),
    ...(requires.length > 0 && { requires }),
  }
}

/** The host fills in the version that its package manager has: see package.sh. */
function packagedOf(
  build: Build,
  kind: Action['kind'],
  before: Receipt | undefined,
): Pick<Receipt, 'packaged'> {
  if (!('packages' in build.source)) return {}
  if (kind !== 'update') return { packaged: '@PACKAGED@' }
  return before?.packaged === undefined ? {} : { packaged: before.packaged }
}

/** The host fills it in: see links.sh. */
const LINKS = '@LINKS@' as unknown as NonNullable<Receipt['links']>

/** A configuration can have a password in it. */
export function configurationFiles({ files }: Build, { secrets }: JobContext): JobFile[] {
  return files.map(({ content }, index) => ({
    ...textFile(`files/${index}`, reveal(content, secrets)),
    mode: 0o600,
  }))
}

/** The services' files where the switch finds them: in a stage of their own. */
async function serviceFiles(build: Build, context: JobContext): Promise<JobFile[]> {
  const services = supervised(build, context)
  if (!services) return []
  const files = await Promise.all(services.contexts.map((one) => services.supervisor.files(one)))
  const place = (path: string) => `stage-services${build.prefix}/${path}`
  return [
    ...files.flat().map(({ path, mode, content }) => ({
      path: place(path),
      mode,
      content: Buffer.from(content),
    })),
    ...services.contexts
      .flatMap(({ service }) => awaitScripts(service))
      .map(({ script, path }) => hostFile(script, place(path))),
  ]
}
