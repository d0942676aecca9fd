/** What a package says of itself, for tests of stores. */
import { PACKAGE_FORMAT, type PackageInfo } from '../../runner/packages/package.ts'
import { sampleAction } from '../plan/sampleAction.ts'
import { receipt } from '../receipts/sampleReceipt.ts'

export const { build } = sampleAction('tool 1.0', 'install')
export const info = {
  format: PACKAGE_FORMAT,
  recipe: 'tool',
  version: '1.0',
  receipt: receipt('tool'),
  build,
} as const satisfies PackageInfo
