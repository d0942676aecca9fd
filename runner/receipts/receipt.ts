/** The receipt: what is installed on a host, from what, since when. One JSON object on one line on the host. */

import type { SecretMarks } from '../desired/secretMarks.ts'

export const RECEIPT_FORMAT = 1

/** Everything that went into a build, by label: "version", "configure[2]", "patch 01-x.patch", "dependency libevent". */
export type Inputs = Record<string, string>

/** The services' definitions are a component of their own, so that a changed one needs no build. */
export const serviceComponent = (recipe: string) => `${recipe}.services`

export interface ServiceReceipt {
  fmri: string
  manifest: string
  /** Services of recipes that it requires, as their supervisor names them. Absent for none, and before this was recorded. */
  requires?: string[]
}

/** What files need of a host: names as the host's own in its facts. */
export interface Floor {
  /** "GLIBC_2.34": of each family of symbol versions the highest. */
  libc: string[]
  /** "x86-64-v2", and on Solaris "avx". */
  cpu: string[]
}

export interface Links {
  /** Library file names that its files are linked to, with the recipe that brought each. */
  needs: Record<string, string>
  /** Library names (sonames) that it offers to others. */
  provides: string[]
  /** Absent in receipts of before this was recorded. */
  floor?: Floor
}

export interface Receipt {
  format: typeof RECEIPT_FORMAT
  recipe: string
  version: string
  prefix: string
  /** sha256 over inputs.build. */
  fingerprint: string
  inputs: {
    /** A change here rebuilds. */
    build: Inputs
    /** Configuration files: path to hash of the content as it came from the recipe; and "account NAME", "setup TITLE". */
    files: Inputs
    /** Service definitions: name to hash of manifest and method. */
    services: Inputs
  }
  services: ServiceReceipt[]
  /** Marks of the secrets in its configuration files: see desired/secretMarks.ts. Absent for none. */
  secrets?: SecretMarks
  /** Recipe names with the versions that it was built with. */
  dependencies: Record<string, string>
  /** Absent in receipts of system packages and of builds before this was recorded. */
  links?: Links
  /** The version that the host's package manager has, where it comes from there. */
  packaged?: string
  /** ISO 8601, the host's clock at the end of the installation. */
  installedAt: string
  /** user@machine of the run. */
  installedBy: string
  job: string
  /** Somebody had installed it by hand. */
  adopted?: boolean
  /** Name of its package, on the host while it is kept there. */
  package?: string
  /** The platform it was built on: "SunOS 5.11 i86pc". */
  platform: string
}

/** A receipt from its line; the reason when it is none. A newer program can have added keys. */
export function parseReceipt(text: string): Receipt | { reason: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { reason: 'not valid JSON (half written, or edited)' }
  }
  if (typeof value !== 'object' || value === null) return { reason: 'not an object' }
  const receipt = value as Partial<Receipt>
  if (receipt.format !== RECEIPT_FORMAT) {
    return {
      reason: `format ${JSON.stringify(receipt.format)}; this build-stack knows format ${RECEIPT_FORMAT}`,
    }
  }
  const strings = ['recipe', 'version', 'prefix', 'fingerprint', 'installedAt', 'platform'] as const
  for (const key of strings) {
    if (typeof receipt[key] !== 'string') return { reason: `${key} is missing` }
  }
  const inputs = receipt.inputs
  if (!isStringMap(inputs?.build) || !isStringMap(inputs.files) || !isStringMap(inputs.services)) {
    return { reason: 'inputs are missing' }
  }
  if (!Array.isArray(receipt.services) || !isStringMap(receipt.dependencies)) {
    return { reason: 'services or dependencies are missing' }
  }
  return receipt as Receipt
}

function isStringMap(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((item) => typeof item === 'string')
  )
}
