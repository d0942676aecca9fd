/**
 * Which packages have to come back together. Going back with a library takes what is linked to its newer names along; going
 * back with what is linked to older names takes the library along. Pure.
 */

import type { Receipt } from '../receipts/receipt.ts'
import type { KeptPackage } from './rollback.ts'

type Receipts = Readonly<Record<string, Receipt>>

/** Libraries of another recipe that would be gone. */
export interface Lack {
  recipe: string
  version: string
  owner: string
  ownerVersion: string
  libraries: string[]
}

export interface RollbackSet {
  /** By recipe, with why each goes along: undefined for those that were asked for. */
  packages: Map<string, { kept: KeptPackage; because: string | undefined }>
  /** What no kept package mends. */
  lack: Lack | undefined
}

/** `kept` is newest first. */
export function rollbackSet(
  targets: readonly KeptPackage[],
  installed: Receipts,
  kept: readonly KeptPackage[],
): RollbackSet {
  const packages: RollbackSet['packages'] = new Map(
    targets.map((kept) => [kept.info.recipe, { kept, because: undefined }]),
  )
  for (;;) {
    const receipts: Receipts = {
      ...installed,
      ...Object.fromEntries([...packages].map(([recipe, { kept }]) => [recipe, kept.info.receipt])),
    }
    const lack = firstLack(receipts, packages)
    if (!lack) return { packages, lack: undefined }
    const found = mending(lack, packages, kept, receipts)
    if (!found) return { packages, lack }
    const because =
      found.info.recipe === lack.recipe
        ? `${lack.libraries.join(', ')} is gone with ${lack.owner} ${lack.ownerVersion}`
        : `${lack.recipe} ${lack.version} needs ${lack.libraries.join(', ')}`
    packages.set(found.info.recipe, { kept: found, because })
  }
}

/** One that is not chosen yet: each round adds a recipe, so that there is an end. */
function mending(
  lack: Lack,
  chosen: ReadonlyMap<string, unknown>,
  kept: readonly KeptPackage[],
  receipts: Receipts,
): KeptPackage | undefined {
  if (!chosen.has(lack.recipe)) {
    const fits = ({ info }: KeptPackage) =>
      info.recipe === lack.recipe &&
      lacksOf(info.receipt, receipts).every(({ owner }) => owner !== lack.owner)
    return kept.find(fits)
  }
  if (chosen.has(lack.owner)) return undefined
  return kept.find(
    ({ info }) =>
      info.recipe === lack.owner &&
      lack.libraries.every((library) => info.receipt.links?.provides.includes(library)),
  )
}

/** Of what this rollback brings about: what was broken before is not its matter. */
function firstLack(receipts: Receipts, chosen: ReadonlyMap<string, unknown>): Lack | undefined {
  for (const receipt of Object.values(receipts)) {
    const found = lacksOf(receipt, receipts).find(
      ({ recipe, owner }) => chosen.has(recipe) || chosen.has(owner),
    )
    if (found) return found
  }
  return undefined
}

/** By owner; owners of which it is not known what they offer lack nothing. */
function lacksOf(receipt: Receipt, receipts: Receipts): Lack[] {
  const owners = [...new Set(Object.values(receipt.links?.needs ?? {}))]
  return owners.flatMap((owner) => {
    const offered = receipts[owner]?.links?.provides
    if (!offered) return []
    const libraries = Object.entries(receipt.links?.needs ?? {}).flatMap(([library, name]) =>
      name === owner && !offered.includes(library) ? [library] : [],
    )
    if (libraries.length === 0) return []
    const ownerVersion = receipts[owner]?.version ?? ''
    return [{ recipe: receipt.recipe, version: receipt.version, owner, ownerVersion, libraries }]
  })
}
