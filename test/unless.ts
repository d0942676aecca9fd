/** Tests that this machine or account cannot run: skipped, counted as such, and the reason printed once for each. */
import type { Callback, Test } from 'uvu'

const printed = new Set<string>()

/** The suite itself without a reason. `own('title', body)` with what this returns runs the test, or skips it. */
export function unless<Context>(
  reason: string | undefined,
  tests: Test<Context>,
): (title: string, body: Callback<Context>) => void {
  if (reason === undefined) return tests
  if (!printed.has(reason)) console.log(`  skipped: ${reason}`)
  printed.add(reason)
  return () => tests.skip()
}

export const withoutRoot = process.getuid?.() === 0 ? undefined : 'needs root: two accounts of one world'
