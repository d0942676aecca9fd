/** From an Ansible inventory to hosts: the groups of each, and its variables in Ansible's order of precedence. Pure. */
import type { Location } from '../../errors.ts'
import { configFault } from '../faults.ts'
import { ALL, type AnsibleInventory, UNGROUPED, type Variables } from './ansibleInventory.ts'
import { connectionOf } from './connectionVariables.ts'
import type { InventoryHost } from './inventoryHost.ts'

/** In the order of the files. Throws CONFIG for groups that contain themselves. */
export function ansibleHosts(inventory: AnsibleInventory): InventoryHost[] {
  const parents = parentsOf(inventory)
  const depths = new Map<string, number>([[ALL, 0]])

  function depthOf(group: string, way: string[] = []): number {
    const known = depths.get(group)
    if (known !== undefined) return known
    if (way.includes(group)) {
      const circle = [...way.slice(way.indexOf(group)), group]
      const location = inventory.groups.get(group)?.children.get(circle.at(-2) as string)
      throw configFault(`groups contain each other: ${circle.reverse().join(' > ')}`, location as Location)
    }
    const above = [...(parents.get(group) ?? [])].map((parent) => depthOf(parent, [...way, group]))
    const depth = Math.max(0, ...above) + 1
    depths.set(group, depth)
    return depth
  }

  function ancestors(group: string, found: Set<string>): void {
    if (found.has(group)) return
    found.add(group)
    for (const parent of parents.get(group) ?? []) ancestors(parent, found)
  }

  for (const group of inventory.groups.keys()) depthOf(group)
  return [...inventory.hosts].flatMap(([name, host]): InventoryHost[] => {
    const groups = new Set<string>([ALL])
    for (const group of host.groups) ancestors(group, groups)
    // What stands deeper wins; of two equally deep, the later in the alphabet.
    const ordered = [...groups].sort((a, b) => depthOf(a) - depthOf(b) || (a < b ? -1 : 1))
    const others = ordered.filter((group) => group !== ALL)
    const layers = [
      ...ordered.map((group) => inventory.groups.get(group)?.variables),
      inventory.groupFolder.get(ALL),
      ...others.map((group) => inventory.groupFolder.get(group)),
      host.variables,
      inventory.hostFolder.get(name),
    ]
    const variables: Variables = new Map(layers.flatMap((layer) => [...(layer ?? [])]))
    const connection = connectionOf(variables)
    if (!connection) return []
    const roles = others.filter((group) => group !== UNGROUPED)
    return [{ name, location: host.location, groups: roles, ...connection }]
  })
}

function parentsOf(inventory: AnsibleInventory): Map<string, Set<string>> {
  const parents = new Map<string, Set<string>>()
  for (const [parent, { children }] of inventory.groups) {
    for (const child of children.keys()) {
      const known = parents.get(child) ?? new Set()
      parents.set(child, known.add(parent))
    }
  }
  return parents
}
