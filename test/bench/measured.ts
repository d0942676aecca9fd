/** How the benchmarks measure: peers in turn, so that a busy machine is busy for all of them; medians; ratios with limits. */
import { cpus, loadavg } from 'node:os'

/**
 * Milliseconds of each way in each round: what the way says that it took, else what it took. One round before them warms
 * the caches and is not counted.
 */
export async function interleaved<Way extends string>(
  ways: Record<Way, () => unknown>,
  rounds: number,
): Promise<Record<Way, number[]>> {
  const names = Object.keys(ways) as Way[]
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Way, number[]>
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now()
      const told = await ways[name]()
      const took = typeof told === 'number' ? told : performance.now() - start
      if (round >= 0) times[name].push(took)
    }
  }
  return times
}

export function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] as number
}

/** Prints the verdict; a failed one is the exit status of the process. */
export function judge(
  what: string,
  value: number,
  limit: number,
  is: 'at most' | 'at least' = 'at most',
): void {
  const passed = is === 'at most' ? value <= limit : value >= limit
  if (!passed) process.exitCode = 1
  console.log(`${passed ? 'PASS' : 'FAIL'}  ${what}: ${value.toFixed(2)} (${is} ${limit})`)
}

/** One line: what the figures were measured on. */
export function machine(): string {
  const [first] = cpus()
  const load = loadavg()[0] as number
  return `${cpus().length} x ${first?.model.trim()}, Node ${process.version}, load average ${load.toFixed(1)}`
}
