/** A build system: how one kind of source is configured, built and staged. */
import type { Build } from '../../desired/build.ts'

/** One command of a step: words for the host, run in the source's folder unless it says otherwise. */
export interface Command {
  argv: string[]
  /** One of the scripts in runner/host/, which argv are then the arguments of. */
  script?: string
  env?: Record<string, string>
}

export interface SystemContext {
  /** GNU make's name on the host. */
  make: string
  /** 1: its Makefiles do not stand more. */
  jobs: number
  /** Folder that stands for / when staging. */
  stage: string
}

/** --prefix, or what the build system calls it, unless the recipe has one of its own. */
export function prefixOption(build: Build, option = '--prefix='): string[] {
  return build.configure.some((word) => word.startsWith(option)) ? [] : [`${option}${build.prefix}`]
}

/** -j, where there is more than one job. */
export function jobsOption({ jobs }: SystemContext): string[] {
  return jobs > 1 ? [`-j${jobs}`] : []
}

export interface BuildSystem {
  /** Programs that a host must have, besides what every build needs. */
  tools: readonly string[]
  /** Undefined where there is nothing to configure. */
  configure(build: Build, context: SystemContext): Command | undefined
  /** Undefined where there is nothing to build. */
  compile(build: Build, context: SystemContext): Command | undefined
  /** Installs into context.stage. */
  stage(build: Build, context: SystemContext): Command
}
