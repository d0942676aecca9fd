/** A supervisor: what runs services on a host. Pure: files to install, and words of the host script that handles them. */
import type { Build, BuildService } from '../desired/build.ts'

export interface ServiceFile {
  /** Relative to the prefix. */
  path: string
  /** Octal. */
  mode: number
  content: string
}

export interface ServiceContext {
  build: Build
  service: BuildService
  /** PATH that builds and services share. */
  path: string[]
}

/** What an administrator asks of a service that is installed. */
export type ServiceVerb = 'start' | 'stop' | 'restart' | 'refresh'

/** A service that is installed, as far as the words for it need to know. */
export interface InstalledService
  extends Pick<BuildService, 'name' | 'startTimeout' | 'stopTimeout' | 'awaits'> {
  prefix: string
  ready: BuildService['ready']
}

export interface Supervisor {
  /** For messages. */
  name: string
  /** Script in runner/host/ that the words below are for. */
  script: string
  /** How the supervisor names a service. */
  identifier(service: Pick<BuildService, 'name'>): string
  /** What the receipt names as the service's definition, an absolute path. */
  definition(build: Pick<Build, 'prefix'>, service: Pick<BuildService, 'name'>): string
  /** Why it cannot run the service as the recipe describes it; undefined when it can. */
  problem(service: BuildService): string | undefined
  files(context: ServiceContext): Promise<ServiceFile[]>
  /** Of a service that no receipt of its recipe has: refuses where somebody else's has its name. Changes nothing. */
  claim(context: ServiceContext): string[]
  stop(context: ServiceContext): string[]
  start(context: ServiceContext): string[]
  /** Another recipe's service, by its name: restarted if it runs. */
  restart(name: string): string[]
  /** Before an undone switch: stops what the failed version runs, if it came that far. */
  halt(context: ServiceContext): string[]
  /** After an undone switch: what ran before runs again; a service that is new is gone. */
  undo(context: ServiceContext): string[]
  /** An administrator's wish, which outlives a boot and an upgrade. */
  obey(verb: ServiceVerb, service: InstalledService): string[]
}
