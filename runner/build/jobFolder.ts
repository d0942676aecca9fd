/**
 * The folder of a job, which goes to the host in one stream. What it holds:
 *   start.sh job.sh lock.sh cpus.sh resume.sh follow.sh cancel.sh alive.sh end-processes.sh    how it is started, followed and ended
 *   root-helper.sh               see there                                  lib/      scripts that the steps use
 *   steps/NN-TITLE.sh            a step each; NN-TITLE.root.sh needs the rights of the prefix's owner
 *   recipe                       its name                      turns parallel      names of steps: see job.sh
 *   env.sh token titles undo.root.sh history.root.sh history.json, and what the kind of job adds
 *   build-folder keyed needs from    of a build: see resume.sh
 *   workplace.sh    of a build: opens a shell where its steps run
 * Any step can be repeated by hand: ssh HOST SHELL WORK/jobs/ID/steps/NN-TITLE.sh
 */
import { readFileSync } from 'node:fs'
import type { Host } from '../config/hosts.ts'
import { jobsOf } from '../desired/makeBuild.ts'
import type { SecretMarks } from '../desired/secretMarks.ts'
import { hostScript } from '../paths.ts'
import type { ActionKind } from '../plan/plan.ts'
import { helperFolder } from '../privilege/rootHelper.ts'
import type { Facts } from '../probe/facts.ts'
import { hostPath } from '../probe/probe.ts'
import type { StepTitle } from '../run/events.ts'
import { scanFolder } from '../services/daemontoolsNames.ts'
import type { Supervisor } from '../services/supervisor.ts'
import { exports } from '../shell.ts'
import { farCpus } from './compilers.ts'
import { jobPath } from './jobPath.ts'
import { type KeptPlace, keptTexts } from './keptSteps.ts'
import { jobserverOption } from './makeJobserver.ts'
import { lib, type Step, stepScript } from './step.ts'
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
  /** Name of the run, for the history. */
  run: string
  /** Values of what the plan's files name as ${secret.NAME}. */
  secrets: Readonly<Record<string, string>>
  /** Of those that can be read; for receipts. */
  secretMarks: SecretMarks
}

/** What tells this start of the job from earlier ones, and its marks from what a build prints. */
export interface Attempt {
  attempt: string
  token: string
}

export interface FolderParts extends Attempt {
  id: string
  prefix: string
  steps: Step[]
  /** Each is tried, whatever the one before says; taken when a step fails. */
  undo: string[]
  history: { recipe: string; action: ActionKind; from: string | undefined; to: string | undefined }
  /** Of a build, whose steps may be done already. */
  kept?: KeptPlace | undefined
  files: JobFile[]
}

export function jobFolder(parts: FolderParts, context: JobContext): Job {
  const { id, token } = parts
  const folder = jobPath(context.host.work, id)
  const steps = parts.steps.map((one, index, all) => ({ ...one, name: stepName(index, all.length, one) }))
  const kept = parts.kept ? keptTexts(steps, parts.kept, environment('', context)) : {}
  const { by, run } = context
  const history = { at: '@AT@', by, run, ...parts.history, job: id, result: '@RESULT@' }
  return {
    id,
    folder,
    token,
    steps: steps.map(({ name, title }) => ({ name, title })),
    files: [
      ...[
        'start.sh',
        'job.sh',
        'lock.sh',
        'cpus.sh',
        'resume.sh',
        'follow.sh',
        'alive.sh',
        'root-helper.sh',
        'cancel.sh',
        'end-processes.sh',
      ].map((name) => hostFile(name, name)),
      ...libraryOf(context.supervisor).map((name) => hostFile(name, `lib/${name}`)),
      textFile('env.sh', environment(folder, context) + cpus(context)),
      textFile('token', `${token}\n`),
      textFile('recipe', `${parts.history.recipe}\n`),
      textFile('turns', namesOf(steps.filter(({ turn }) => turn))),
      textFile('parallel', namesOf(steps.filter(({ parallel }) => parallel))),
      textFile('titles', steps.map(({ name, title }) => `${name}\t${title}\n`).join('')),
      textFile('undo.root.sh', stepScript(folder, 'undo', parts.undo.join('\n'))),
      // Seconds are a number, which no placeholder in JSON can be.
      textFile('history.json', `${JSON.stringify(history).replace(/\}$/, ',"seconds":@SECONDS@}')}\n`),
      textFile(
        'history.root.sh',
        stepScript(folder, 'history', lib('history.sh', parts.prefix, 'history.json')),
      ),
      ...steps.map((one) => textFile(`steps/${one.name}.sh`, stepScript(folder, one.title, one.script))),
      ...Object.entries(kept).map(([name, text]) => textFile(name, text)),
      ...parts.files,
    ],
  }
}

function namesOf(steps: readonly { name: string }[]): string {
  return steps.map(({ name }) => `${name}\n`).join('')
}

export function textFile(path: string, content: string): JobFile {
  return { path, mode: path.endsWith('.sh') ? 0o755 : 0o644, content: Buffer.from(content) }
}

/** Sorts in the steps' order. No dots from the title: the ".root" is ours. A title can be long. */
function stepName(index: number, count: number, { title, root }: Step): string {
  const number = String(index + 1).padStart(Math.max(2, String(count).length), '0')
  return `${number}-${title.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60)}${root ? '.root' : ''}`
}

function libraryOf(supervisor: Supervisor | undefined): string[] {
  const always = [
    'unpack.sh',
    'compilers.sh',
    'autoreconf.sh',
    'copy-stage.sh',
    'distutils-stage.sh',
    'link-check.sh',
    'links.sh',
    'floor.sh',
    'pack.sh',
    'package.sh',
    'patch.sh',
    'workplace.sh',
    'smoke.sh',
    'account.sh',
    'setup.sh',
    'config-file.sh',
    'switch.sh',
    'adopt.sh',
    'prepare.sh',
    'replaced.sh',
    'tree.sh',
    'store.sh',
    'history.sh',
    'keep-texts.sh',
    'forget.sh',
  ]
  return supervisor ? [...always, supervisor.script, 'ready.sh', 'await.sh'] : always
}

/** Words before a command; a job whose sudo wants a password has a helper instead. */
const PRIVILEGE = { none: '', pfexec: 'pfexec', sudo: 'sudo -n', 'sudo-password': '', 'sudo-terminal': '' }

function environment(folder: string, { host, facts }: JobContext): string {
  const compiler = facts.tools.gcc ? { CC: 'gcc' } : {}
  return [
    'umask 022',
    exports({
      PATH: hostPath(host).join(':'),
      LC_ALL: 'C',
      // /tmp can be small, full or closed to programs. WORK is the folder that was chosen for builds.
      TMPDIR: `${folder}/tmp`,
      // configure's own choice, cc, is on some hosts a script that only says that there is none.
      ...compiler,
      MAKE: gnuMake(facts.tools),
      BUILD_STACK_SHELL: facts.shell,
      BUILD_STACK_SHA256: sha256Command(facts.tools),
      ...(facts.supervisor === 'daemontools' ? { BUILD_STACK_SCAN: scanFolder(host) } : {}),
      BUILD_STACK_PRIVILEGE: PRIVILEGE[facts.privilege ?? 'none'],
      ...(facts.privilege === 'sudo-password'
        ? { BUILD_STACK_SUDO: facts.tools.sudo ?? 'sudo', BUILD_STACK_ROOT: helperFolder(folder) }
        : {}),
    }),
  ].join('\n')
}

/** With those of other hosts that compile for it. How many there are is no input of any step. */
function cpus({ host, facts }: JobContext): string {
  const jobserver = jobserverOption(facts.make)
  if (jobserver === undefined) return ''
  return exports({
    BUILD_STACK_CPUS: String(jobsOf(host, facts) + farCpus(host)),
    BUILD_STACK_JOBSERVER: jobserver,
  })
}

/** One of the scripts for hosts, as a file of the job. */
export function hostFile(name: string, path: string): JobFile {
  return { path, mode: 0o755, content: readFileSync(hostScript(name)) }
}
