/** An Ansible inventory as its files say it, with where they say it. Both dialects are read into this. */
import type { Location } from '../../errors.ts'

export interface Variable {
  value: unknown
  location: Location
}

export type Variables = Map<string, Variable>

export interface AnsibleHost {
  location: Location
  /** Those that name it themselves. */
  groups: Set<string>
  variables: Variables
}

export interface AnsibleGroup {
  variables: Variables
  /** With where each is named. */
  children: Map<string, Location>
}

export interface AnsibleInventory {
  hosts: Map<string, AnsibleHost>
  groups: Map<string, AnsibleGroup>
  /** Of the folders group_vars and host_vars, which win over what the inventory's own files say. */
  groupFolder: Map<string, Variables>
  hostFolder: Map<string, Variables>
}

/** Every host is in it, whether it is said or not. */
export const ALL = 'all'
/** For hosts that no group names. */
export const UNGROUPED = 'ungrouped'

export function emptyInventory(): AnsibleInventory {
  const inventory = {
    hosts: new Map(),
    groups: new Map(),
    groupFolder: new Map(),
    hostFolder: new Map(),
  }
  for (const name of [ALL, UNGROUPED]) addGroup(inventory, name)
  return inventory
}

/** The group of that name, made if it is new. */
export function addGroup(inventory: AnsibleInventory, name: string): AnsibleGroup {
  const group = inventory.groups.get(name) ?? { variables: new Map(), children: new Map<string, Location>() }
  inventory.groups.set(name, group)
  return group
}

/** The host of that name, made if it is new, as a member of the group. */
export function addHost(
  inventory: AnsibleInventory,
  name: string,
  group: string,
  location: Location,
): AnsibleHost {
  const host = inventory.hosts.get(name) ?? { location, groups: new Set<string>(), variables: new Map() }
  inventory.hosts.set(name, host)
  addGroup(inventory, group)
  host.groups.add(group)
  return host
}
