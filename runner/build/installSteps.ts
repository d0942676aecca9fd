/** The steps that change the host: accounts, the switch, configuration files, setups, services, the receipt. */
import { basename } from 'node:path'
import type { Account } from '../config/recipe.ts'
import type { Build, BuildFile, BuildService, BuildSetup } from '../desired/build.ts'
import { packageName } from '../packages/package.ts'
import type { Action } from '../plan/plan.ts'
import { hostPath } from '../probe/probe.ts'
import { pristinePath } from '../receipts/pristine.ts'
import { type Receipt, type ServiceReceipt, serviceComponent } from '../receipts/receipt.ts'
import type { ServiceContext, Supervisor } from '../services/supervisor.ts'
import { commandLine, quote } from '../shell.ts'
import type { JobContext } from './jobFolder.ts'
import { lib, type Step, step } from './step.ts'

interface Supervised {
  supervisor: Supervisor
  contexts: ServiceContext[]
  /** Services of the receipt that the recipe has no more. */
  gone: ServiceReceipt[]
  /** Whether the component is to be switched: it has files, or had some. */
  any: boolean
}

export function supervised(build: Build, context: JobContext): Supervised | undefined {
  const { supervisor } = context
  if (!supervisor) return undefined
  const path = hostPath(context.host)
  const contexts = build.services.map((service: BuildService) => ({ build, service, path }))
  const recorded = context.facts.receipts[build.recipe]?.services ?? []
  const wanted = build.services.map((service) => supervisor.identifier(service))
  const gone = recorded.filter((service) => !wanted.includes(service.fmri))
  return { supervisor, contexts, gone, any: wanted.length > 0 || gone.length > 0 }
}

/**
 * `made`: the folder that has the recipe's files in stage/, and its package; absolute, or below the job's. Undefined when
 * the files are not replaced.
 */
export function installSteps(
  action: Omit<Action, 'steps'>,
  made: string | undefined,
  context: JobContext,
): Step[] {
  const { build } = action
  const stage = made && `${made}/stage${build.prefix}`
  const services = supervised(build, context)
  const root = { root: true }
  const supervise = (words: string[]) => lib(services?.supervisor.script ?? '', ...words)
  const prepares = prepareCommands(action, stage, services, context)
  const switches = [
    ...(stage ? [lib('switch.sh', 'switch', build.prefix, build.recipe)] : []),
    ...(services?.any ? [switchServices(build)] : []),
  ]
  return [
    // What takes long, and what is in the way, comes before anything is changed or stopped.
    ...(prepares.length > 0 ? [step('prepare', prepares, root)] : []),
    ...build.accounts.map((account) => step(`account ${account.name}`, [accountCommand(account)], root)),
    // Without a new build too: what runs would not take a changed definition or configuration.
    ...(services?.contexts ?? [])
      .toReversed()
      .map((one) =>
        step(`stop ${one.service.name}`, [supervise(services?.supervisor.stop(one) ?? [])], root),
      ),
    ...(services?.gone ?? []).map(({ fmri }) => step(`stop ${fmri}`, [supervise(['stop', fmri])], root)),
    ...(switches.length > 0 ? [step('install', switches, root)] : []),
    ...configurationSteps(build, context),
    ...build.setup.map((setup) => step(setup.title, [setupCommand(setup)], root)),
    ...(stage ? build.smoke : []).map((smoke) =>
      step('test in place', [lib('smoke.sh', smoke.stdout ?? '', ...smoke.command)]),
    ),
    ...(services?.contexts ?? []).map((one) =>
      step(`start ${one.service.name}`, [supervise(services?.supervisor.start(one) ?? [])], root),
    ),
    ...restarts(build, services).map((command, index) =>
      step(`restart ${build.restarts[index]}`, [command], root),
    ),
    // Not before everything else has worked: until then it can be started again.
    ...(services?.gone ?? []).map(({ fmri }) => step(`remove ${fmri}`, [supervise(['remove', fmri])], root)),
    step('record', recordCommands(action, made, services?.any ?? false, context), root),
  ]
}

/** Of other recipes: what they have loaded is what was there before. */
function restarts(build: Build, services: Supervised | undefined): string[] {
  const { supervisor } = services ?? {}
  return supervisor ? build.restarts.map((name) => lib(supervisor.script, ...supervisor.restart(name))) : []
}

function prepareCommands(
  { build, conflicts }: Omit<Action, 'steps'>,
  stage: string | undefined,
  services: Supervised | undefined,
  { facts }: JobContext,
): string[] {
  const recorded = (facts.receipts[build.recipe]?.services ?? []).map(({ fmri }) => fmri)
  const prepare = (from: string, component: string) =>
    lib('switch.sh', 'prepare', from, build.prefix, component, ...(conflicts ? [conflicts] : []))
  return [
    ...(services?.contexts ?? []).flatMap((one) => {
      const { supervisor } = services as Supervised
      if (recorded.includes(supervisor.identifier(one.service))) return []
      return lib(supervisor.script, ...supervisor.claim(one))
    }),
    ...(stage ? [prepare(stage, build.recipe)] : []),
    ...(services && build.services.length > 0
      ? [prepare(`stage-services${build.prefix}`, serviceComponent(build.recipe))]
      : []),
  ]
}

function switchServices(build: Build): string {
  const verb = build.services.length > 0 ? 'switch' : 'remove'
  return lib('switch.sh', verb, build.prefix, serviceComponent(build.recipe))
}

function recordCommands(
  { build, kind, package: found }: Omit<Action, 'steps'>,
  made: string | undefined,
  services: boolean,
  { host: { keep }, facts }: JobContext,
): string[] {
  const component = serviceComponent(build.recipe)
  const commit = (receipt: string, components: string[]) =>
    lib('switch.sh', 'commit', build.prefix, receipt, ...components)
  const name = installedPackage(build, kind, facts.receipts[build.recipe])
  // Going back to it later brings back what is installed now, definitions of services and configuration included.
  const store =
    !made || found?.at === 'host'
      ? lib('store.sh', 'used', build.prefix, found?.name ?? name)
      : lib('store.sh', 'add', build.prefix, build.recipe, name, String(keep), made)
  return [
    ...datedReceipts(made),
    ...(made ? [commit('receipt.dated', [...(services ? [component] : []), build.recipe])] : []),
    ...(!made && services ? [commit('', [component])] : []),
    ...(made ? [] : [lib('switch.sh', 'receipt', build.prefix, build.recipe, 'receipt.dated')]),
    // Installed for good: whatever fails now, there is nothing to go back to.
    'rm -f undo.root.sh',
    // And nothing that a later build could take for its own.
    ...(made && made !== '.' ? [commandLine(['rm', '-f', `${made}/done`])] : []),
    ...(build.patches.length + build.files.length > 0
      ? [lib('keep-texts.sh', build.prefix, build.recipe)]
      : []),
    ...('packages' in build.source ? [] : [store]),
  ]
}

/** What an update leaves as it is was packed when it was built, with the libraries of then. */
export function installedPackage(build: Build, kind: Action['kind'], before: Receipt | undefined): string {
  return (kind === 'update' && before?.package) || packageName(build)
}

/**
 * receipt.dated and package.dated. The time is the host's, of this moment; the links are those of what was staged in the
 * folder `made`.
 */
export function datedReceipts(made = '.'): string[] {
  const links = quote(`${made}/links.json`)
  return [
    `date=$(date -u '+%Y-%m-%dT%H:%M:%SZ') links=$(cat ${links} 2>/dev/null || echo null) packaged=$(cat package.version 2>/dev/null || :)`,
    ...['receipt', 'package'].map(
      (file) =>
        `sed -e "s/@INSTALLED_AT@/$date/" -e "s/@PACKAGED@/$packaged/" -e 's/"@LINKS@"/'"$links"'/' ${file}.json >${file}.dated`,
    ),
  ]
}

/** Taken when a step after the switch fails: files and services as they were before. */
export function undoCommands(build: Build, context: JobContext): string[] {
  const services = supervised(build, context)
  const supervise = (words: string[]) => lib(services?.supervisor.script ?? '', ...words)
  return [
    ...(services?.contexts ?? []).map((one) => supervise(services?.supervisor.halt(one) ?? [])),
    // The last one first: folders that were made for one file go with it.
    ...build.files.map(fileCommand(build, 'undo')).reverse(),
    ...droppedFiles(build, context).map(dropCommand(build, 'undo')).reverse(),
    lib('switch.sh', 'undo', build.prefix, build.recipe),
    lib('switch.sh', 'undo', build.prefix, serviceComponent(build.recipe)),
    ...(services?.contexts ?? []).map((one) => supervise(services?.supervisor.undo(one) ?? [])),
    ...(services?.gone ?? []).map(({ fmri, manifest }) => supervise(['undo', fmri, manifest])),
    ...restarts(build, services),
  ]
}

function accountCommand(account: Omit<Account, 'when'>): string {
  return lib(
    'account.sh',
    account.name,
    account.uid?.toString() ?? '',
    account.group ?? account.name,
    account.gid?.toString() ?? '',
    account.home,
    account.shell,
    account.comment,
  )
}

export function fileCommand(
  build: Build,
  verb: 'install' | 'undo' | 'record',
): (file: BuildFile, index: number) => string {
  return (file, index) => {
    const pristine = pristinePath(build.prefix, build.recipe, file.path)
    return lib(
      'config-file.sh',
      verb,
      `files/${index}`,
      file.path,
      file.mode,
      file.owner ?? '',
      file.group ?? '',
      pristine,
    )
  }
}

/** Configuration files of the receipt that the recipe has no more. */
export function droppedFiles(build: Build, { facts }: Pick<JobContext, 'facts'>): string[] {
  const recorded = facts.receipts[build.recipe]?.inputs.files ?? {}
  const wanted = new Set(build.files.map(({ path }) => path))
  // Others are accounts and setups.
  return Object.keys(recorded).filter((label) => label.startsWith('/') && !wanted.has(label))
}

function configurationSteps(build: Build, context: JobContext): Step[] {
  const commands = [
    ...droppedFiles(build, context).map(dropCommand(build, 'drop')),
    ...build.files.map(fileCommand(build, 'install')),
  ]
  return commands.length > 0 ? [step('configuration files', commands, { root: true })] : []
}

/** What was there is kept in dropped/ of the job's folder, for the undo. */
function dropCommand(build: Build, verb: 'drop' | 'undo'): (path: string) => string {
  return (path) => {
    const pristine = pristinePath(build.prefix, build.recipe, path)
    return lib('config-file.sh', verb, `dropped/${basename(pristine)}`, path, '', '', '', pristine)
  }
}

function setupCommand(setup: BuildSetup): string {
  return lib('setup.sh', setup.creates, ...setup.command)
}
