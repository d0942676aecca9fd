/** A whole receipt, for tests that need one. */
import type { Receipt } from '../../runner/receipts/receipt.ts'

export function receipt(recipe: string, changes: Partial<Receipt> = {}): Receipt {
  return {
    format: 1,
    recipe,
    version: '1.0',
    prefix: '/opt/local',
    fingerprint: 'f'.repeat(64),
    inputs: { build: { version: '1.0' }, files: {}, services: {} },
    services: [],
    dependencies: {},
    installedAt: '2026-11-24T08:00:00Z',
    installedBy: "o'neil@laptop",
    job: `${recipe}-1.0-0123456789.abcd`,
    platform: 'Linux x86_64',
    ...changes,
  }
}
