/**
 * Not built at all: what the host's own package manager has. The files stay the package manager's; of the recipe there
 * are only the configuration, the services and the receipt, which has the version that was found.
 */
import type { PackageSource, packageManagers } from '../../config/recipeSource.ts'
import type { BuildSystem } from './system.ts'

export type PackageManager = (typeof packageManagers)[number]

/** The program by which one knows that a host has it. */
export const PROGRAMS: Record<PackageManager, string> = {
  'pkg-get': 'pkg-get',
  pkgutil: 'pkgutil',
  pkgin: 'pkgin',
  ips: 'pkg',
  apt: 'apt-get',
}

export const systemPackage: BuildSystem = {
  tools: [],
  configure: () => undefined,
  compile: () => undefined,
  // An empty stage: what an earlier version from source had installed goes.
  stage: (build, context) => ({ argv: ['mkdir', '-p', `${context.stage}${build.prefix}`] }),
}

/** Words for package.sh: the first of the recipe's package managers that the host has, and the package's name there. */
export function packageWords(source: PackageSource, tools: Record<string, string>): string[] {
  const found = Object.entries(source.packages).find(
    ([manager]) => tools[PROGRAMS[manager as PackageManager]],
  )
  return found ?? []
}
