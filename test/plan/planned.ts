/** From the files of a project to builds and a plan, as a run does it, for a host with these facts. */
import { loadProject } from '../../runner/config/load.ts'
import type { Build } from '../../runner/desired/build.ts'
import { makeBuild, platformOf } from '../../runner/desired/makeBuild.ts'
import { resolve } from '../../runner/desired/resolve.ts'
import { makePlan } from '../../runner/plan/makePlan.ts'
import type { Plan } from '../../runner/plan/plan.ts'
import type { Facts } from '../../runner/probe/facts.ts'
import type { Receipt } from '../../runner/receipts/receipt.ts'
import { smf } from '../../runner/services/smf.ts'
import { project } from '../config/project.ts'
import { receipt } from '../receipts/sampleReceipt.ts'

/** A SunOS host with everything that a build needs. */
export function sampleFacts(changes: Partial<Facts> = {}): Facts {
  const tools = [
    'gcc',
    'gmake',
    'gpatch',
    'digest',
    'gzip',
    'bzip2',
    'xz',
    'svcs',
    'svcadm',
    'svccfg',
    'pfexec',
  ]
  return {
    os: 'SunOS',
    release: '5.11',
    kernel: 'joyent_20240111T000844Z',
    machine: 'i86pc',
    node: 'web1',
    uid: 101,
    user: 'admin',
    shell: '/usr/xpg4/bin/sh',
    tools: Object.fromEntries(tools.map((name) => [name, `/usr/bin/${name}`])),
    cpus: 4,
    memory: 2 ** 32,
    diskFree: { prefix: 2 ** 34, work: 2 ** 34 },
    writable: { prefix: false, work: true },
    privilege: 'pfexec',
    supervisor: 'smf',
    packageManager: 'pkgin',
    receipts: {},
    damagedReceipts: {},
    damage: [],
    packages: [],
    services: [],
    jobs: [],
    journals: [],
    lock: undefined,
    date: '2026-11-24T08:00:00Z',
    ...changes,
  }
}

/** Files of a project by their path: hosts.yaml with server1, recipes, patches. */
export type Files = Record<string, string>

export async function builtFrom(files: Files, facts: Facts = sampleFacts()): Promise<Build[]> {
  const { hosts, recipesFor } = await loadProject(project(files))
  const host = hosts.get('server1')
  if (!host) throw new Error('the test has no server1')
  const recipes = await recipesFor(Object.keys(host.recipes))
  const builds = new Map<string, Build>()
  for (const selection of resolve(host, recipes, facts, [])) {
    builds.set(selection.recipe.name, makeBuild(selection, { host, facts, builds }))
  }
  return [...builds.values()]
}

/** The only one of them with this name. */
export async function buildOf(name: string, files: Files, facts?: Facts): Promise<Build> {
  const build = (await builtFrom(files, facts)).find(({ recipe }) => recipe === name)
  if (!build) throw new Error(`the test has no ${name}`)
  return build
}

export function planOf(builds: Build[], facts: Facts = sampleFacts()): Plan {
  const wanted = { host: 'server1', prefix: '/opt/local', platform: platformOf(facts), builds }
  return makePlan(wanted, facts, ({ build, kind }) => [`${kind} ${build.recipe}`])
}

/** The host after these builds were installed: with their receipts, and their services running. */
export function installed(
  builds: Build[],
  facts: Facts = sampleFacts(),
  links: Record<string, Receipt['links']> = {},
): Facts {
  const receipts = builds.map((build) => {
    const link = links[build.recipe]
    return receipt(build.recipe, {
      version: build.version,
      fingerprint: build.fingerprint,
      inputs: build.inputs,
      dependencies: build.dependencies,
      platform: build.platform,
      services: build.services.map((service) => ({
        fmri: smf.identifier(service),
        manifest: smf.definition(build, service),
      })),
      ...(link && { links: link }),
    })
  })
  return {
    ...facts,
    receipts: Object.fromEntries(receipts.map((one) => [one.recipe, one])),
    services: receipts.flatMap(({ services }) =>
      services.map(({ fmri }) => ({ fmri, state: 'online', nextState: '-', since: '8:00:00' })),
    ),
  }
}

/** "install tool 1.0: not installed", a line for each action. */
export function lines(plan: Plan): string[] {
  return plan.actions.map(
    ({ kind, recipe, version, reasons }) =>
      `${kind} ${recipe} ${version}${reasons.length ? `: ${reasons.join('; ')}` : ''}`,
  )
}
