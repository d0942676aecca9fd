/** What the probe and hosts.yaml tell of a host -> the variables of its configuration. Pure. */
import type { Host } from '../config/hosts.ts'
import type { HostVariable } from '../config/template.ts'
import type { Facts } from '../probe/facts.ts'

export type HostFacts = Pick<Facts, 'node' | 'os' | 'release' | 'cpus' | 'memory'>

const MIB = 2 ** 20

/** Without those that the host does not say. */
export function hostVariables(
  { name, address }: Pick<Host, 'name' | 'address'>,
  { node, os, release, cpus, memory }: HostFacts,
): Partial<Record<HostVariable, string>> {
  return {
    'host.name': name,
    'host.address': address ?? name,
    'host.hostname': node,
    'host.os': os,
    'host.release': release,
    'host.cpus': String(cpus),
    // Whole MiB: what a kernel keeps for itself differs by some KiB from one start to the next.
    ...(memory !== undefined && { 'host.memory': String(Math.floor(memory / MIB)) }),
  }
}
