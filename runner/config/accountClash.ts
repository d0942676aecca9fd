/** Whether two accounts can both be on one host. */
import type { Account } from './recipe.ts'

type Ids = Pick<Account, 'name' | 'uid' | 'group' | 'gid'>

/** Why they cannot, and which field of the second says so. Two of the same name and the same ids are one account. */
export function idClash(a: Ids, b: Ids): { key: 'uid' | 'gid'; message: string } | undefined {
  const [groupA, groupB] = [a.group ?? a.name, b.group ?? b.name]
  if (a.name === b.name) {
    if (differ(a.uid, b.uid)) return { key: 'uid', message: `the account ${a.name} has uid ${a.uid} already` }
  } else if (a.uid !== undefined && a.uid === b.uid) {
    return { key: 'uid', message: `uid ${b.uid} belongs to ${a.name} already` }
  }
  if (groupA === groupB) {
    if (differ(a.gid, b.gid)) return { key: 'gid', message: `the group ${groupB} has gid ${a.gid} already` }
  } else if (a.gid !== undefined && a.gid === b.gid) {
    return { key: 'gid', message: `gid ${b.gid} belongs to the group ${groupA} already` }
  }
  return undefined
}

function differ(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b
}
