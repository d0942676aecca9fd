/** The groups of hosts.yaml, each with its members: the hosts it lists, and those of an inventory's group of its name. */
import type { BuildStackError } from '../errors.ts'
import { faultAt } from './checks/check.ts'
import type { Document } from './document.ts'
import type { HostsFile } from './hosts.ts'
import type { InventoryHost } from './inventory/inventoryHost.ts'
import { fits, isName } from './inventory/patterns.ts'
import { suggestion } from './suggest.ts'

type Written = Exclude<HostsFile['groups'][string], string[]>

export interface Group {
  name: string
  members: ReadonlySet<string>
  settings: Omit<Written, 'hosts' | 'recipes'>
  recipes: Written['recipes']
}

/** In the order of the file. */
export type Groups = readonly Group[]

type Inventory = ReadonlyMap<string, InventoryHost>

export function groupsOf(file: HostsFile, inventory: Inventory): Groups {
  const names = [...Object.keys(file.hosts), ...inventory.keys()]
  return Object.entries(file.groups).map(([name, group]): Group => {
    const { hosts, recipes, ...settings } = Array.isArray(group) ? { hosts: group, recipes: {} } : group
    const listed = hosts.length > 0 ? names.filter((host) => fits(host, hosts)) : []
    const others = [...inventory.values()].filter((host) => host.groups.includes(name))
    return { name, members: new Set([...listed, ...others.map((host) => host.name)]), settings, recipes }
  })
}

export function groupFaults(file: HostsFile, inventory: Inventory, document: Document): BuildStackError[] {
  const names = new Set([...Object.keys(file.hosts), ...inventory.keys()])
  const inventoryGroups = new Set([...inventory.values()].flatMap((host) => host.groups))
  return Object.entries(file.groups).flatMap(([name, group]) => {
    const path = ['groups', name]
    const hosts = Array.isArray(group) ? group : group.hosts
    const unknown = hosts.flatMap((host, i) => {
      const bare = host.replace(/^!/, '')
      if (!isName(bare) || names.has(bare)) return []
      const message = `there is no host "${bare}"${suggestion(bare, names, 'there are')}`
      return [faultAt(document, Array.isArray(group) ? [...path, i] : [...path, 'hosts', i], message)]
    })
    if (hosts.length > 0 || inventoryGroups.has(name)) return unknown
    const message = `no inventory has a group of this name${suggestion(name, inventoryGroups, 'there are')}`
    const next = 'Name its hosts: hosts: [NAME, PATTERN].'
    return [faultAt(document, path, message, { part: 'key', next })]
  })
}
