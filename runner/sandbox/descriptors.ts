/**
 * Files that this process got open from its parent beyond the standard three. A sandbox outlives the command that
 * starts it and must not keep them: a pipe held open would make whoever reads it wait for ever.
 */
import { readdirSync, readFileSync } from 'node:fs'

const CLOSE_ON_EXEC = 0o2000000

/** Their numbers. What node itself opened is closed on exec and not among them. */
export function inheritedDescriptors(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => descriptor > 2 && (flags(descriptor) & CLOSE_ON_EXEC) === 0)
}

/** The stdio of a child in which each of them is the empty file: a child of node would inherit them otherwise. */
export function withoutInherited(empty: number): ('ignore' | number)[] {
  const inherited = new Set(inheritedDescriptors())
  return Array.from({ length: Math.max(2, ...inherited) + 1 }, (_, descriptor) =>
    inherited.has(descriptor) ? empty : 'ignore',
  )
}

function flags(descriptor: number): number {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')
    return Number.parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '', 8)
  } catch {
    // The one that listed the folder is closed again.
    return CLOSE_ON_EXEC
  }
}
