/** Everything that is decided about one recipe on one host: plain data, expanded, ready to become a job. */
import type { Account, BuildSystemName, Service, Source } from '../config/recipe.ts'
import type { Inputs } from '../receipts/receipt.ts'
import type { OwnTexts } from './ownFiles.ts'

export interface BuildPatch {
  /** Path below patches/. */
  file: string
  strip: number
  fuzz: number
  after: 'unpack' | 'configure'
  sha256: string
}

export interface BuildFile {
  /** Absolute. */
  path: string
  content: string
  mode: string
  owner: string | undefined
  group: string | undefined
}

export interface BuildService extends Omit<Service, 'when' | 'environment' | 'own'> {
  name: string
  environment: Record<string, string>
  /** Instead of those that are made. */
  own?: OwnTexts
}

export interface BuildSmoke {
  /** For use in place, and with the stage in front of the prefix. */
  command: string[]
  staged: string[]
  stdout: string | undefined
}

export interface BuildSetup {
  title: string
  command: string[]
  creates: string
}

export interface Build {
  recipe: string
  version: string
  /** What the recipe says it is, for people: the fingerprint has nothing of it. */
  about?: { summary: string; homepage?: string }
  prefix: string
  /** "Linux 6.1.0 x86_64" */
  platform: string
  source: Source
  system: BuildSystemName
  /** Below the archive's top folder; "" for the top folder itself. */
  directory: string
  configure: string[]
  make: string[]
  install: string[]
  parallel: boolean
  /** It does not build with this one, and goes without where a host has it. */
  ccache?: false
  distcc?: false
  copy: { from: string; to: string }[]
  env: Record<string, string>
  /** Folders in front of the host's PATH. */
  path: string[]
  tools: string[]
  patches: BuildPatch[]
  /** Recipes that it needs, with the versions that this plan gives them. */
  dependencies: Record<string, string>
  /** Those of them that it is linked to. */
  linked: string[]
  accounts: Account[]
  files: BuildFile[]
  setup: BuildSetup[]
  /** In the order in which they start. */
  services: BuildService[]
  /** Names of other recipes' services that read what this one installs. */
  restarts: string[]
  smoke: BuildSmoke[]
  inputs: { build: Inputs; files: Inputs; services: Inputs }
  /** sha256 over inputs.build. */
  fingerprint: string
}
