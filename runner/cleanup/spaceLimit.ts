/** Limits of space: "5G" in hosts.yaml, and what is beyond one. Pure. */

const UNITS = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const

export const SIZE = /^\d+(\.\d+)?[KMGT]?B?$/

/** Bytes of "500M", "5G", "1.5T"; decimal units, as the rest of build-stack shows them. Undefined for what is no size. */
export function parseSize(text: string): number | undefined {
  const [, number, unit] = SIZE.test(text) ? (/^([\d.]+)([KMGT]?)/.exec(text) ?? []) : []
  return number === undefined
    ? undefined
    : Math.round(Number(number) * (UNITS[unit as keyof typeof UNITS] ?? 1))
}

export interface Stored {
  bytes: number
  usedAt: Date
}

/** What has to go so that the rest fits: the one whose last use is longest ago first. */
export function beyondLimit<T extends Stored>(all: readonly T[], limit: number): T[] {
  const oldestFirst = [...all].sort((a, b) => a.usedAt.getTime() - b.usedAt.getTime())
  let total = all.reduce((sum, { bytes }) => sum + bytes, 0)
  const gone: T[] = []
  for (const one of oldestFirst) {
    if (total <= limit) break
    gone.push(one)
    total -= one.bytes
  }
  return gone
}
