/**
 * An action as a job: the folder that goes to the host in one stream, with a script for each step. What it holds:
 *   start.sh job.sh follow.sh    how it is started, run and followed        lib/      scripts that the steps use
 *   steps/NN-TITLE.sh            a step each; NN-TITLE.root.sh needs the rights of the prefix's owner
 *   env.sh token titles undo.root.sh receipt.json    source/ patches/ files/ stage-services/
 * Any step can be repeated by hand: ssh HOST SHELL WORK/jobs/ID/steps/NN-TITLE.sh
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Host } from '../config/hosts.ts'
import type { Build } from '../desired/build.ts'
import { hostScript } from '../paths.ts'
import type { ActionKind } from '../plan/plan.ts'
import type { Facts } from '../probe/facts.ts'
import { hostPath } from '../probe/probe.ts'
import { RECEIPT_FORMAT, type Receipt } from '../receipts/receipt.ts'
import type { StepTitle } from '../run/events.ts'
import type { Supervisor } from '../services/supervisor.ts'
import { exports } from '../shell.ts'
import { compileSteps, patchPath } from './compileSteps.ts'
import { installSteps, supervised, undoCommands } from './installSteps.ts'
import { lib, type Step, step, stepScript } from './step.ts'
import { gnuMake, sha256Command } from './tools.ts'

/** A file of the job's folder. */
export interface JobFile {
  /** Relative to the job's folder. */
  path: string
  mode: number
  content: Buffer | { file: string; size: number }
}

export interface Job {
  /** Folder name below WORK/jobs: KEY.ATTEMPT. */
  id: string
  folder: string
  token: string
  steps: StepTitle[]
  files: JobFile[]
}

export interface JobContext {
  host: Host
  facts: Facts
  supervisor: Supervisor | undefined
  /** user@machine of the run, for the receipt. */
  by: string
}

/** The verified archive on this machine. */
export interface JobSource {
  path: string
  file: string
  sha256: string
  size: number
  /** The archive's one top folder; undefined when it has none. */
  root: string | undefined
}

export interface JobParts {
  /** Tells this start of the job from earlier ones. */
  attempt: string
  token: string
  /** Undefined for an action that compiles nothing. */
  source: JobSource | undefined
  patchContent(file: string): Buffer
}

/** Equal for two runs that would do the same: how a run recognises the job of one that was cut off. */
export function jobKey(build: Build, kind: ActionKind): string {
  const what = JSON.stringify([
    kind === 'update',
    build.fingerprint,
    build.inputs.files,
    build.inputs.services,
  ])
  return `${build.recipe}-${build.version}-${createHash('sha256').update(what).digest('hex').slice(0, 10)}`
}

export function stepTitles(build: Build, kind: ActionKind, context: JobContext): string[] {
  return stepsOf(build, kind, context, '', undefined).map(({ title }) => title)
}

export async function makeJob(
  build: Build,
  kind: ActionKind,
  context: JobContext,
  parts: JobParts,
): Promise<Job> {
  const id = `${jobKey(build, kind)}.${parts.attempt}`
  const folder = `${context.host.work}/jobs/${id}`
  const steps = stepsOf(build, kind, context, folder, parts.source).map((one, index, all) => ({
    ...one,
    name: stepName(index, all.length, one),
  }))
  const { source } = parts
  return {
    id,
    folder,
    token: parts.token,
    steps: steps.map(({ name, title }) => ({ name, title })),
    files: [
      ...['start.sh', 'job.sh', 'follow.sh'].map((name) => hostFile(name, name)),
      ...libraryOf(context.supervisor).map((name) => hostFile(name, `lib/${name}`)),
      text('env.sh', environment(context)),
      text('token', `${parts.token}\n`),
      text('titles', steps.map(({ name, title }) => `${name}\t${title}\n`).join('')),
      text('undo.root.sh', stepScript(folder, 'undo', undoScript(build, context))),
      text('receipt.json', `${JSON.stringify(receiptOf(build, id, context))}\n`),
      ...steps.map((one) => text(`steps/${one.name}.sh`, stepScript(folder, one.title, one.script))),
      ...build.patches.map((patch, index) => ({
        path: patchPath(index, patch.file),
        mode: 0o644,
        content: parts.patchContent(patch.file),
      })),
      // A configuration can have a password in it.
      ...build.files.map((file, index) => ({ ...text(`files/${index}`, file.content), mode: 0o600 })),
      ...(await serviceFiles(build, context)),
      ...(source
        ? [{ path: `source/${source.file}`, mode: 0o644, content: { file: source.path, size: source.size } }]
        : []),
    ],
  }
}

function stepsOf(
  build: Build,
  kind: ActionKind,
  context: JobContext,
  folder: string,
  source: JobSource | undefined,
): Step[] {
  const compiled = kind !== 'update'
  const recover = step('recover', [lib('switch.sh', 'recover', build.prefix)], { root: true })
  return [
    ...(context.facts.journals.length > 0 ? [recover] : []),
    ...(compiled ? compileSteps(build, context, folder, source) : []),
    ...installSteps(build, compiled, context),
    step('clean', [
      // Sources and stages can have folders that are closed for writing.
      'chmod -R u+w build stage stage-services source 2>/dev/null; rm -rf build stage stage-services source',
    ]),
  ]
}

/** Sorts in the steps' order. No dots from the title: the ".root" is ours. */
function stepName(index: number, count: number, { title, root }: Step): string {
  const number = String(index + 1).padStart(Math.max(2, String(count).length), '0')
  return `${number}-${title.replace(/[^A-Za-z0-9_-]+/g, '-')}${root ? '.root' : ''}`
}

function libraryOf(supervisor: Supervisor | undefined): string[] {
  const always = [
    'unpack.sh',
    'copy-stage.sh',
    'distutils-stage.sh',
    'link-check.sh',
    'package.sh',
    'patch.sh',
    'smoke.sh',
    'account.sh',
    'setup.sh',
    'config-file.sh',
    'switch.sh',
    'prepare.sh',
    'tree.sh',
  ]
  return supervisor ? [...always, supervisor.script] : always
}

/** Every one of the undo's commands is tried, whatever the one before says. */
function undoScript(build: Build, context: JobContext): string {
  return undoCommands(build, context).join('\n')
}

function environment({ host, facts }: JobContext): string {
  const compiler = facts.tools.gcc ? { CC: 'gcc' } : {}
  return [
    'umask 022',
    exports({
      PATH: hostPath(host).join(':'),
      LC_ALL: 'C',
      // configure's own choice, cc, is on some hosts a script that only says that there is none.
      ...compiler,
      MAKE: gnuMake(facts.tools),
      BUILD_STACK_SHELL: facts.shell,
      BUILD_STACK_SHA256: sha256Command(facts.tools),
      BUILD_STACK_PRIVILEGE: { none: '', pfexec: 'pfexec', sudo: 'sudo -n' }[facts.privilege ?? 'none'],
    }),
  ].join('\n')
}

function receiptOf(build: Build, job: string, { supervisor, by }: JobContext): Receipt {
  return {
    format: RECEIPT_FORMAT,
    recipe: build.recipe,
    version: build.version,
    prefix: build.prefix,
    fingerprint: build.fingerprint,
    inputs: build.inputs,
    services: supervisor
      ? build.services.map((service) => ({
          fmri: supervisor.identifier(service),
          manifest: supervisor.definition(build, service),
        }))
      : [],
    dependencies: build.dependencies,
    installedAt: '@INSTALLED_AT@',
    installedBy: by,
    job,
    platform: build.platform,
  }
}

/** The services' files where the switch finds them: in a stage of their own. */
async function serviceFiles(build: Build, context: JobContext): Promise<JobFile[]> {
  const services = supervised(build, context)
  if (!services) return []
  const files = await Promise.all(services.contexts.map((one) => services.supervisor.files(one)))
  return files.flat().map(({ path, mode, content }) => ({
    path: `stage-services${build.prefix}/${path}`,
    mode,
    content: Buffer.from(content),
  }))
}

function text(path: string, content: string): JobFile {
  return { path, mode: path.endsWith('.sh') ? 0o755 : 0o644, content: Buffer.from(content) }
}

function hostFile(name: string, path: string): JobFile {
  return { path, mode: 0o755, content: readFileSync(hostScript(name)) }
}
