/** The accounts of a recipe do not contradict each other. */
import type { BuildStackError } from '../../errors.ts'
import type { Account } from '../recipe.ts'
import { type Check, faultAt } from './check.ts'

export const checkAccounts: Check = ({ blocks, document }) =>
  blocks.flatMap(({ path, fields }) => {
    const accounts = fields.accounts ?? []
    return accounts.flatMap((account, i): BuildStackError[] => {
      const at = [...path, 'accounts', i]
      const faults = accounts.slice(0, i).flatMap((earlier) => {
        const clash = clashOf(earlier, account)
        return clash ? [faultAt(document, [...at, clash.key], clash.message)] : []
      })
      if (account.uid === 0)
        faults.push(faultAt(document, [...at, 'uid'], 'uid 0 is root; a service account needs its own'))
      if (/[:\r\n]/.test(account.comment))
        faults.push(faultAt(document, [...at, 'comment'], 'a colon or line end cannot be in /etc/passwd'))
      return faults
    })
  })

/** Why two accounts cannot both be on one host. Those with conditions are meant for different hosts. */
export function clashOf(
  a: Omit<Account, 'when'> & Pick<Partial<Account>, 'when'>,
  b: Omit<Account, 'when'> & Pick<Partial<Account>, 'when'>,
): { key: 'name' | 'uid' | 'gid'; message: string } | undefined {
  if (a.when && b.when) return undefined
  if (a.name === b.name) return { key: 'name', message: `the account ${b.name} is there already` }
  if (a.uid !== undefined && a.uid === b.uid)
    return { key: 'uid', message: `uid ${b.uid} belongs to ${a.name} already` }
  const [groupA, groupB] = [a.group ?? a.name, b.group ?? b.name]
  if (groupA === groupB && a.gid !== undefined && b.gid !== undefined && a.gid !== b.gid)
    return { key: 'gid', message: `the group ${groupB} has gid ${a.gid} already` }
  if (groupA !== groupB && a.gid !== undefined && a.gid === b.gid)
    return { key: 'gid', message: `gid ${b.gid} belongs to the group ${groupA} already` }
  return undefined
}
