/**
 * A package: what one build staged, packed, with all that is known about it. A host keeps its last ones for going back;
 * the controller keeps them for other hosts of the same platform and prefix.
 */
import { createHash } from 'node:crypto'
import type { Build } from '../desired/build.ts'
import { Remembered } from '../desired/remembered.ts'
import type { Receipt } from '../receipts/receipt.ts'

export const PACKAGE_FORMAT = 1

/** What is beside a package as NAME.json. */
export interface PackageInfo {
  format: typeof PACKAGE_FORMAT
  recipe: string
  version: string
  /** As it was when the package was installed from its own build. */
  receipt: Receipt
  /** All that was decided for it: how its services are stopped and started, what its smoke tests are. */
  build: Build
}

type Named = Pick<Build, 'recipe' | 'version' | 'fingerprint' | 'linked' | 'dependencies'>

const names = new Remembered<Named, string>()

/**
 * Equal names, equal contents: the name tells the fingerprint (platform and prefix are in it) and the versions of what
 * it is linked to.
 */
export function packageName(build: Named): string {
  return names.get(build, '', () => nameOf(build))
}

function nameOf(build: Named): string {
  const linked = [...build.linked].sort().map((name) => [name, build.dependencies[name]])
  const hash = createHash('sha256')
    .update(JSON.stringify([build.fingerprint, linked]))
    .digest('hex')
  return `${build.recipe}-${build.version}-${hash.slice(0, 16)}`
}

/** The info from its text; the reason when it is none, or of a newer build-stack. */
export function parsePackageInfo(text: string): PackageInfo | { reason: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { reason: 'not valid JSON (half written, or edited)' }
  }
  const info = value as Partial<PackageInfo> | null
  if (info?.format !== PACKAGE_FORMAT) {
    return {
      reason: `format ${JSON.stringify(info?.format)}; this build-stack knows format ${PACKAGE_FORMAT}`,
    }
  }
  if (typeof info.recipe !== 'string' || typeof info.version !== 'string' || !info.receipt || !info.build) {
    return { reason: 'incomplete' }
  }
  return info as PackageInfo
}
