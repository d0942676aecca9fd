/**
 * uvu shows a thrown error's `details` as text. BuildStackError's are an object: uvu then fails itself, drops what it knows
 * of the suite and ends with success. So does a suite that nobody runs. This compares its totals at the end.
 * Loaded by repo.test.ts, and so in every run of all tests.
 */
const counts: Record<string, number> = {}
const write = process.stdout.write.bind(process.stdout)

process.stdout.write = ((chunk: string | Uint8Array, ...rest: []) => {
  const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
  for (const [, name, count] of text.matchAll(/(Total|Passed):\D*?(\d+)/g)) counts[name ?? ''] = Number(count)
  return write(chunk, ...rest)
}) as typeof process.stdout.write

process.on('exit', () => {
  if (counts.Total === counts.Passed || process.exitCode) return
  console.error(
    `Only ${counts.Passed} of ${counts.Total} tests passed: uvu lost the others. Run the suites that say so above alone.`,
  )
  process.exitCode = 1
})
