/**
 * Compilers behind ccache and distcc, as hosts.yaml has them for a host. Builds call them by the compilers' names: a folder
 * in front of the PATH has links of these names, so that no build sees another name of a compiler, and none is written down
 * in what it installs. Nothing here is part of a fingerprint. Pure.
 */
import { FARM_HOST, type Host } from '../config/hosts.ts'
import type { Build } from '../desired/build.ts'
import { jobsOf } from '../desired/makeBuild.ts'
import type { Facts } from '../probe/facts.ts'
import { commandLine } from '../shell.ts'
import { lib } from './step.ts'
import { buildSystems } from './systems/index.ts'

export type Wrapper = 'ccache' | 'distcc'

const COMPILERS = ['gcc', 'cc', 'clang', 'g++', 'c++']

type WrappedHost = Pick<Host, 'ccache' | 'distcc' | 'work' | 'jobs'>
type Wrapped = Pick<Build, 'system' | 'ccache' | 'distcc'>

/** What the compilers of a build are behind on this host, the first one called first. */
export function wrappersOf(build: Wrapped, host: WrappedHost): Wrapper[] {
  if (!buildSystems[build.system].tools.includes('cc')) return []
  const ccache = host.ccache !== undefined && host.ccache !== false && build.ccache !== false
  const distcc = farCpus(host) > 0 && build.distcc !== false
  return [...(ccache ? (['ccache'] as const) : []), ...(distcc ? (['distcc'] as const) : [])]
}

/** Cpus of other hosts that compile for this one. */
export function farCpus({ distcc = [] }: Pick<Host, 'distcc'>): number {
  return distcc.reduce((sum, host) => sum + Number(FARM_HOST.exec(host)?.[1]), 0)
}

/** Folder of the links; in front of the PATH of configure, make and install. Undefined where compilers are called as they are. */
export function linkFolder(build: Wrapped, host: WrappedHost): string | undefined {
  const [first] = wrappersOf(build, host)
  return first && `${host.work}/compilers/${first}`
}

/** Makes the links, and what distcc keeps its locks in. The same folder for all jobs: what a configure found there holds for a job that goes on after it. */
export function linkCommands(build: Wrapped, host: WrappedHost, { tools }: Pick<Facts, 'tools'>): string[] {
  const wrappers = wrappersOf(build, host)
  const [first] = wrappers
  const folder = linkFolder(build, host)
  if (first === undefined || folder === undefined) return []
  const names = COMPILERS.filter((name) => tools[name])
  return [
    lib('compilers.sh', folder, tools[first] ?? first, ...names),
    ...(wrappers.includes('distcc') ? [commandLine(['mkdir', '-p', distccFolder(host)])] : []),
  ]
}

function distccFolder({ work }: WrappedHost): string {
  return `${work}/distcc`
}

/** Of configure, make and install. What configure compiles is small and waited for: it stays here. */
export function wrapperEnvironment(build: Wrapped, host: WrappedHost): Record<string, string> {
  const wrappers = wrappersOf(build, host)
  const { folder, size } = typeof host.ccache === 'object' ? host.ccache : {}
  return {
    ...(wrappers.includes('ccache') && {
      CCACHE_DIR: folder ?? `${host.work}/ccache`,
      ...(size !== undefined && { CCACHE_MAXSIZE: size }),
    }),
    // The home folder of the account may not be there, or not be writable.
    ...(wrappers.includes('distcc') && { DISTCC_DIR: distccFolder(host), DISTCC_HOSTS: 'localhost' }),
  }
}

/** Of the step that compiles, over the other one. */
export function compileEnvironment(
  build: Wrapped,
  host: WrappedHost,
  facts: Pick<Facts, 'cpus'>,
): Record<string, string> {
  const wrappers = wrappersOf(build, host)
  if (!wrappers.includes('distcc')) return {}
  return {
    // distcc takes the first that has a free cpu, beginning with the first cpu of each.
    DISTCC_HOSTS: [...(host.distcc ?? []), `localhost/${jobsOf(host, facts)}`].join(' '),
    ...(wrappers.includes('ccache') && { CCACHE_PREFIX: 'distcc' }),
  }
}
