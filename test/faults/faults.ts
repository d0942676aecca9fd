/**
 * `npm run test:faults [NAME...]`: breaks in what a long build may meet, each tried many times on real hosts, and a table of
 * what came of it. Exit status 1 when a build did not recover or a line of its log was lost.
 */

import { clientFaults } from './clientRaces.ts'
import type { Verdict } from './faultWorld.ts'
import { hostFaults } from './hostFaults.ts'
import { lineFaults } from './lineFaults.ts'
import { linkFaults } from './linkFaults.ts'

/** A way of breaking a build, as often as it is worth while. */
export interface Fault {
  name: string
  /** Why it cannot be tried here. */
  skip?: string
  times: number
  /** Opens the world that the tries share. */
  open(): Promise<{ once(index: number): Promise<Verdict>; close(): Promise<void> }>
}

const wanted = process.argv.slice(2)
const faults = [...lineFaults, ...linkFaults, ...hostFaults, ...clientFaults].filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
)

const rows = [['fault', 'tried', 'recovered', 'lines lost']]
let bad = 0
for (const fault of faults) {
  if (fault.skip !== undefined) {
    rows.push([fault.name, `skipped: ${fault.skip}`])
    continue
  }
  const world = await fault.open()
  const verdicts: Verdict[] = []
  try {
    for (let index = 0; index < fault.times; index++) {
      const verdict = await world.once(index)
      verdicts.push(verdict)
      console.log(`${fault.name} ${index + 1} of ${fault.times}: ${verdict.why.join('; ') || 'recovered'}`)
    }
  } finally {
    await world.close()
  }
  const recovered = verdicts.filter((one) => one.recovered).length
  const compared = verdicts.flatMap(({ lost }) => (lost === undefined ? [] : [lost]))
  const lost = compared.reduce((sum, one) => sum + one, 0)
  if (recovered < fault.times || lost > 0) bad += 1
  rows.push([fault.name, String(fault.times), String(recovered), compared.length > 0 ? String(lost) : '-'])
}

const widths = [0, 1, 2, 3].map((column) =>
  Math.max(...rows.map((row) => (row.length === 4 ? (row[column]?.length ?? 0) : 0)), column === 0 ? 20 : 0),
)
console.log(
  `\n${rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')}`,
)
process.exitCode = bad === 0 ? 0 : 1
