/** The accounts of different recipes on one host must not contradict each other. */
import { idClash } from '../config/accountClash.ts'
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import type { Selection } from './resolve.ts'

export function accountFaults(selections: readonly Selection[], host: Host): BuildStackError[] {
  const all = selections.flatMap((selection) =>
    selection.spec.accounts.map((account) => ({ account, selection })),
  )
  return all.flatMap(({ account, selection }, i) =>
    all.slice(0, i).flatMap((earlier) => {
      const clash = earlier.selection === selection ? undefined : idClash(earlier.account, account)
      if (!clash) return []
      const { recipe, version } = selection
      const own = recipe.versions[version]?.accounts
      const path = own ? ['versions', version, 'accounts'] : ['accounts']
      const message = `${account.name}: ${clash.message}, by recipe ${earlier.selection.recipe.name}`
      return [
        new BuildStackError('CONFIG', message, {
          host: host.name,
          recipe: recipe.name,
          location: recipe.locate(path, 'key'),
          next: 'Give one of them another number.',
        }),
      ]
    }),
  )
}
