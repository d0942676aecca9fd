/** The accounts of a recipe do not contradict each other. */
import type { BuildStackError } from '../../errors.ts'
import { idClash } from '../accountClash.ts'
import { type Check, faultAt } from './check.ts'

export const checkAccounts: Check = ({ blocks, document }) =>
  blocks.flatMap(({ path, fields }) => {
    const accounts = fields.accounts ?? []
    return accounts.flatMap((account, i): BuildStackError[] => {
      const at = [...path, 'accounts', i]
      const faults = accounts.slice(0, i).flatMap((earlier) => {
        // Those with conditions are meant for different hosts.
        if (earlier.when && account.when) return []
        if (earlier.name === account.name)
          return [faultAt(document, [...at, 'name'], `the account ${account.name} is there already`)]
        const clash = idClash(earlier, account)
        return clash ? [faultAt(document, [...at, clash.key], clash.message)] : []
      })
      if (account.uid === 0)
        faults.push(faultAt(document, [...at, 'uid'], 'uid 0 is root; a service account needs its own'))
      if (/[:\r\n]/.test(account.comment))
        faults.push(faultAt(document, [...at, 'comment'], 'a colon or line end cannot be in /etc/passwd'))
      return faults
    })
  })
