/** The hosts of a rolling upgrade in groups that come one after the other. Pure. */

export interface Rolling {
  /** Hosts of a batch. */
  serial: number | undefined
  /** Come alone, before all others, in the order given. */
  canaries: readonly string[]
}

export function batchesOf<T extends { name: string }>(
  hosts: readonly T[],
  { serial, canaries }: Rolling,
): T[][] {
  const first = canaries.flatMap((name) => hosts.filter((host) => host.name === name))
  const rest = hosts.filter((host) => !first.includes(host))
  const size = serial ?? Math.max(1, rest.length)
  const batches = Array.from({ length: Math.ceil(rest.length / size) }, (_, index) =>
    rest.slice(index * size, (index + 1) * size),
  )
  return [...first.map((host) => [host]), ...batches]
}
