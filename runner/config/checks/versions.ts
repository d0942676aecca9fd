/** Version keys are versions, and no two of them are the same one. */
import type { BuildStackError } from '../../errors.ts'
import { compareVersions, isVersion } from '../version.ts'
import { type Check, faultAt } from './check.ts'

export const checkVersions: Check = ({ recipe, document }) => {
  const faults: BuildStackError[] = []
  const seen: string[] = []
  for (const version of Object.keys(recipe.versions)) {
    const path = ['versions', version]
    if (!isVersion(version)) {
      const message = `"${version}" is not a version (digits and dots, then letters or a suffix)`
      faults.push(faultAt(document, path, message, { part: 'key' }))
      continue
    }
    const same = seen.find((other) => compareVersions(other, version) === 0)
    if (same !== undefined)
      faults.push(faultAt(document, path, `the same version as ${same}`, { part: 'key' }))
    seen.push(version)
  }
  if (Object.keys(recipe.versions).length === 0)
    faults.push(faultAt(document, ['versions'], 'a recipe needs at least one version'))
  return faults
}
