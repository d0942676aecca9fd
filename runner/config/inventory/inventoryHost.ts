/** A host as an inventory outside hosts.yaml knows it: what it says of reaching it, and the groups it is in. */
import type { BuildStackError, Location } from '../../errors.ts'

/** What an inventory can say; hosts.yaml wins field by field. */
export interface InventorySettings {
  address?: string
  port?: number
  user?: string
  key?: string
  jump?: string
  /** An ssh_config other than ~/.ssh/config that knows the host. */
  sshConfig?: string
}

export interface InventoryHost {
  name: string
  location: Location
  /** With the groups that these are in. */
  groups: string[]
  settings: InventorySettings
  /** Values that cannot be used. They only matter where hosts.yaml does not say the same field itself. */
  problems: { field: keyof InventorySettings; error: BuildStackError }[]
}
