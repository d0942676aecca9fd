/** What a manifest says, after reading: services with their groups, before anything reaches the repository. */
import type { Property, PropertyGroup } from '../repository.ts'

export interface BundleProperty extends Property {
  /** Wins over a local change at re-import. */
  override?: true
}

export interface BundleGroup extends PropertyGroup {
  properties: Record<string, BundleProperty>
  /** The group is to vanish at import. */
  delete?: true
}

export type BundleGroups = Record<string, BundleGroup>

/** A dependency that is to be made in another service. */
export interface Dependent {
  name: string
  /** FMRI of the service or instance that gets it. */
  target: string
  group: BundleGroup
}

export interface BundleEntity {
  groups: BundleGroups
  dependents: Dependent[]
}

export interface BundleInstance extends BundleEntity {
  name: string
}

export interface BundleService extends BundleEntity {
  name: string
  instances: BundleInstance[]
}

export interface Bundle {
  name: string
  services: BundleService[]
}

/** A manifest that is refused: what libxml2 prints on its own, and svccfg's sentence. */
export class ManifestRefused extends Error {
  readonly printed: string[]

  constructor(message: string, printed: string[] = []) {
    super(message)
    this.printed = printed
  }
}
