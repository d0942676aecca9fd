/** The hosts that an ssh_config names, as far as a pattern of hosts.yaml asks for them. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Location } from '../../errors.ts'
import { hostsInSshConfig } from '../../transports/sshConfig.ts'
import { sshSurroundings } from '../../transports/sshSurroundings.ts'
import { configFault } from '../faults.ts'
import type { InventoryHost } from './inventoryHost.ts'
import { fits, isName } from './patterns.ts'

/**
 * `file`: true for ~/.ssh/config. A pattern without * or ? is a host, even where the file knows it only through a
 * pattern of its own. How a host is reached is looked up in the file when it is connected to.
 */
export function sshConfigHosts(
  file: true | string,
  patterns: readonly string[],
  folder: string,
  location: Location,
): InventoryHost[] {
  const around = sshSurroundings(process.env, () => undefined)
  const path = file === true ? around.configFile : resolve(folder, file.replace(/^~(?=\/)/, homedir()))
  if (file !== true && !existsSync(path)) throw configFault(`there is no ${path}`, location)
  const known = hostsInSshConfig(around.textOf(path), { ...around, file: path })
  const names = new Set([...known, ...patterns.filter(isName)].filter((name) => fits(name, patterns)))
  const other = file === true ? {} : { sshConfig: path }
  return [...names].map((name) => ({
    ...{ name, location, groups: [], problems: [] },
    settings: { address: name, ...other },
  }))
}
