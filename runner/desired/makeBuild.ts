/** Selection + host + facts -> Build: variables filled in, inputs named, fingerprint taken. Pure. */
import { createHash } from 'node:crypto'
import { throwFaults } from '../config/faults.ts'
import type { Host } from '../config/hosts.ts'
import { expandAll, expandPattern, type Values } from '../config/template.ts'
import type { Facts } from '../probe/facts.ts'
import { hostPath } from '../probe/probe.ts'
import type { Inputs } from '../receipts/receipt.ts'
import { scanFolder } from '../services/daemontoolsNames.ts'
import { requiredNames } from '../services/required.ts'
import type { Build, BuildPatch, BuildService } from './build.ts'
import { orderOf } from './edges.ts'
import { type HostFacts, hostVariables } from './hostVariables.ts'
import { filledOwnTexts, ownScriptFaults } from './ownFiles.ts'
import { factFaults, valueFaults } from './requiredValues.ts'
import type { Selection } from './resolve.ts'

export interface BuildContext {
  host: Host
  facts: HostFacts & Pick<Facts, 'machine'>
  /** Builds of this plan that were made before, by recipe: what this one needs is among them. */
  builds: ReadonlyMap<string, Build>
}

/** make -j of a host: what hosts.yaml says, else its cpus. */
export function jobsOf(host: Pick<Host, 'jobs'>, facts: Pick<Facts, 'cpus'>): number {
  return host.jobs ?? facts.cpus
}

export function platformOf(facts: Pick<Facts, 'os' | 'release' | 'machine'>): string {
  // Of Linux only the machine counts: its kernel's release says nothing of the libraries that builds link to.
  return facts.os === 'Linux' ? `Linux ${facts.machine}` : `${facts.os} ${facts.release} ${facts.machine}`
}

/** `value.NAME` for each of the host's values. */
export function valueVariables({ values }: Pick<Host, 'values'>): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`value.${name}`, value]))
}

export function makeBuild(selection: Selection, { host, facts, builds }: BuildContext): Build {
  const { recipe, version, spec } = selection
  const ofHost = hostVariables(host, facts)
  throwFaults([
    ...valueFaults(spec, host, recipe),
    ...factFaults(spec, host, facts, recipe),
    ...ownScriptFaults(spec.services, host.name, { ...valueVariables(host), ...ofHost }, recipe),
  ])
  const variables = {
    prefix: host.prefix,
    name: recipe.name,
    version,
    jobs: String(jobsOf(host, facts)),
    work: host.work,
    arch: facts.machine,
    scan: scanFolder(host),
    path: hostPath(host).join(':'),
    ...valueVariables(host),
  }
  const fill = <T>(value: T): T => expandAll(value, variables)
  const fillOwn = <T>(value: T): T => expandAll(value, { ...variables, ...ofHost })
  const files = fillOwn(spec.files).map((file) => ({
    path: file.path.startsWith('/') ? file.path : `${host.prefix}/${file.path}`,
    content: file.content,
    mode: file.mode,
    owner: file.owner,
    group: file.group,
  }))
  const build: Omit<Build, 'inputs' | 'fingerprint'> = {
    recipe: recipe.name,
    version,
    about: { summary: recipe.summary, ...(recipe.homepage && { homepage: recipe.homepage }) },
    prefix: host.prefix,
    platform: platformOf(facts),
    source: fill(spec.source),
    system: spec.system,
    directory: fill(spec.directory ?? ''),
    configure: fill(spec.configure),
    make: fill(spec.make),
    install: fill(spec.install),
    parallel: spec.parallel,
    ...(spec.ccache ? {} : { ccache: false }),
    ...(spec.distcc ? {} : { distcc: false }),
    copy: fill(spec.copy),
    env: fill(spec.env),
    path: fill(spec.path),
    tools: spec.tools,
    patches: spec.patches.map((patch) => ({
      file: patch.file,
      strip: patch.strip,
      fuzz: patch.fuzz,
      after: patch.after,
      sha256: sha256(recipe.patchContent(patch.file)),
    })),
    dependencies: Object.fromEntries(
      selection.dependencies.map(({ name }) => [name, builds.get(name)?.version ?? '']),
    ),
    linked: selection.dependencies.filter(({ kind }) => kind === 'link').map(({ name }) => name),
    accounts: fill(spec.accounts),
    files,
    setup: fillOwn(spec.setup),
    restarts: spec.restarts,
    services: startOrder(
      Object.entries(spec.services).map(([name, { own, ...service }]) => ({
        ...fillOwn(service),
        name,
        ...(own && { own: filledOwnTexts(own, { ...variables, ...ofHost }) }),
      })),
    ),
    smoke: spec.smoke.map((smoke) => ({
      command: fill(smoke.command),
      staged: expandAll(smoke.command, { ...variables, prefix: stagedPrefix(host.prefix) }),
      stdout: smoke.stdout === undefined ? undefined : expandPattern(smoke.stdout, variables),
    })),
  }
  const inputs = {
    build: buildInputs(build),
    files: {
      ...Object.fromEntries(files.map((file) => [file.path, hashOf(file)])),
      ...prefixed(
        'account',
        build.accounts.map((account) => [account.name, hashOf(account)]),
      ),
      ...prefixed(
        'setup',
        build.setup.map((setup) => [setup.title, hashOf(setup)]),
      ),
    },
    services: Object.fromEntries(
      // The method script has the path too.
      build.services.map((service) => [service.name, hashOf({ ...service, path: hostPath(host) })]),
    ),
  }
  return { ...build, inputs, fingerprint: hashOf(inputs.build) }
}

/** What another one of them requires comes before it. */
function startOrder(services: readonly BuildService[]): BuildService[] {
  const byName = new Map(services.map((service) => [service.name, service]))
  const order = orderOf(
    [...byName.keys()],
    () => [],
    (name) => requiredNames(byName.get(name) as BuildService),
  )
  return order.flatMap((name) => byName.get(name) ?? [])
}

/**
 * The prefix as a smoke test sees it in the stage. The folder of the job is not known when a plan is made, and is the
 * working folder of the test: so the name is relative.
 */
function stagedPrefix(prefix: string): string {
  return `./stage${prefix}`
}

/**
 * Labels and values of all that makes the build what it is, but for what it is linked to: plan/relink.ts follows that.
 * Lists are JSON, so that a diff can tell their words.
 */
function buildInputs(build: Omit<Build, 'inputs' | 'fingerprint'>): Inputs {
  return {
    version: build.version,
    source: checksumOf(build.source),
    system: build.system,
    directory: build.directory,
    configure: JSON.stringify(build.configure),
    make: JSON.stringify(build.make),
    install: JSON.stringify(build.install),
    ...(build.copy.length > 0 ? { copy: JSON.stringify(build.copy) } : {}),
    ...(build.path.length > 0 ? { path: JSON.stringify(build.path) } : {}),
    prefix: build.prefix,
    platform: build.platform,
    ...prefixed(
      'env',
      Object.entries(build.env).map(([name, value]) => [name, value]),
    ),
    ...prefixed('patch', build.patches.map(patchInput)),
  }
}

/** Of the archive itself, else of all that stand in for it: which of them was built is not known when a plan is made. */
function checksumOf(source: Build['source']): string {
  if ('git' in source) return `git ${source.revision}`
  if ('packages' in source) return `packages ${JSON.stringify(source.packages)}`
  if ('none' in source) return 'none'
  const others = (source.alternatives ?? []).flatMap(({ sha256 }) => sha256 ?? [])
  return (source.sha256 ?? others.join(' ')) || 'no checksum recorded'
}

function patchInput(patch: BuildPatch, index: number): [string, string] {
  // The place in the order is part of it: patches of one file depend on it.
  return [
    patch.file,
    `#${index + 1} strip ${patch.strip} fuzz ${patch.fuzz} after ${patch.after} ${patch.sha256}`,
  ]
}

function prefixed(prefix: string, entries: [string, string][]): Inputs {
  return Object.fromEntries(entries.map(([label, value]) => [`${prefix} ${label}`, value]))
}

/** The order of keys, in a recipe or in this program, makes no difference. */
function hashOf(value: unknown): string {
  return sha256(
    JSON.stringify(value, (_, item: unknown) =>
      item !== null && typeof item === 'object' && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
        : item,
    ),
  )
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
