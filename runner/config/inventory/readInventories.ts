/** Reads the inventories that hosts.yaml names: which hosts there are, how they are reached, and in which groups. */
import type { BuildStackError } from '../../errors.ts'
import type { Document } from '../document.ts'
import { configFault, faultsIn, throwFaults } from '../faults.ts'
import { HOST_NAME, type HostsFile } from '../hosts.ts'
import type { InventoryHost } from './inventoryHost.ts'
import { fits } from './patterns.ts'
import { readAnsible } from './readAnsible.ts'
import { sshConfigHosts } from './sshConfigHosts.ts'

/**
 * All hosts by name, in the order of the inventories. A host of several has the settings of the first that says
 * them, and the groups of all. Throws CONFIG faults, each with its file, line and column.
 */
export function readInventories(
  file: HostsFile,
  document: Document,
  folder: string,
): Map<string, InventoryHost> {
  const faults: BuildStackError[] = []
  const hosts = new Map<string, InventoryHost>()
  for (const [i, inventory] of file.inventories.entries()) {
    const path = ['inventories', i]
    const patterns = [inventory.pattern ?? '*'].flat()
    try {
      const read =
        'ansible' in inventory
          ? readAnsible(inventory.ansible, folder, document.locate([...path, 'ansible']))
          : sshConfigHosts(inventory.ssh_config, patterns, folder, document.locate([...path, 'ssh_config']))
      for (const host of read.filter(({ name }) => fits(name, patterns))) add(hosts, host)
    } catch (error) {
      faults.push(...faultsIn(error))
    }
  }
  for (const { name, location } of hosts.values()) {
    if (HOST_NAME.test(name) && name !== 'all') continue
    const next = 'Leave it out in hosts.yaml with the pattern of its inventory: ["*", "!NAME"].'
    faults.push(configFault(`"${name}" cannot be the name of a host here`, location, { next }))
  }
  throwFaults(faults)
  return hosts
}

function add(hosts: Map<string, InventoryHost>, host: InventoryHost): void {
  const known = hosts.get(host.name)
  hosts.set(host.name, {
    ...(known ?? host),
    groups: [...new Set([...(known?.groups ?? []), ...host.groups])],
    settings: { ...host.settings, ...known?.settings },
    problems: [...(known?.problems ?? []), ...host.problems],
  })
}
