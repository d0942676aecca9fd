/** The accounts of different recipes on one host must not contradict each other. */
import { idClash } from '../config/accountClash.ts'
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import type { Selection } from './resolve.ts'

export function accountFaults(selections: readonly Selection[], host: Host): BuildStackError[] {
  const all = selections
    .filter(({ spec }) => spec.accounts.length > 0)
    .flatMap((selection) => selection.spec.accounts.map((account) => ({ account, selection })))
  const faults: BuildStackError[] = []
  for (const [i, { account, selection }] of all.entries()) {
    for (const earlier of all.slice(0, i)) {
      const clash = earlier.selection === selection ? undefined : idClash(earlier.account, account)
      if (clash) faults.push(faultOf(selection, `${account.name}: ${clash.message}`, earlier.selection, host))
    }
  }
  return faults
}

function faultOf(
  { recipe, version }: Selection,
  message: string,
  earlier: Selection,
  host: Host,
): BuildStackError {
  const own = recipe.versions[version]?.accounts
  return new BuildStackError('CONFIG', `${message}, by recipe ${earlier.recipe.name}`, {
    host: host.name,
    recipe: `${recipe.name} ${version}`,
    location: recipe.locate(own ? ['versions', version, 'accounts'] : ['accounts'], 'key'),
    next: 'Give one of them another number.',
  })
}
