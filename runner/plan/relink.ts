/**
 * Whether something must be built again because of what it is linked to. A library that keeps its name (soname) for
 * what is linked to it rebuilds nobody; one that has a new name rebuilds them all. What is not linked by name (modules of an
 * interpreter, of a server) follows the version. Pure.
 */
import type { Build } from '../desired/build.ts'
import type { Receipt } from '../receipts/receipt.ts'

export interface LinkState {
  receipts: Readonly<Record<string, Receipt>>
  /** Builds of this plan, by recipe. */
  builds: ReadonlyMap<string, Build>
  /** Recipes that this plan builds anew or replaces. */
  changing: ReadonlySet<string>
  /** Library names that the planned build of a recipe will offer, where a package of it is known. */
  provides(recipe: string): readonly string[] | undefined
}

export interface Relink {
  reason: string
  /** Set when it depends on what the dependency's build will offer. */
  onlyWithout?: string[]
}

/** The first reason that is certain, else the first that is possible. */
export function relinkOf(build: Build, receipt: Receipt, state: LinkState): Relink | undefined {
  if (build.linked.length === 0) return undefined
  const found = build.linked.flatMap((name) => relinkFor(name, receipt, state) ?? [])
  const certain = found.find((relink) => !relink.onlyWithout)
  if (certain) return certain
  const [first] = found
  return first && { ...first, onlyWithout: found.flatMap((relink) => relink.onlyWithout ?? []) }
}

function relinkFor(name: string, receipt: Receipt, state: LinkState): Relink | undefined {
  const before = receipt.dependencies[name]
  const after = state.builds.get(name)?.version ?? before
  const needed = Object.entries(receipt.links?.needs ?? {}).flatMap(([library, owner]) =>
    owner === name ? [library] : [],
  )
  if (needed.length === 0 && before === after) return undefined
  const change = before === after ? `${name} is built anew` : `${name} ${before} -> ${after}`
  if (needed.length === 0) return { reason: `${change}, which it is built for` }
  const offered = state.changing.has(name) ? state.provides(name) : state.receipts[name]?.links?.provides
  if (!offered) {
    if (!state.changing.has(name)) return undefined
    return { reason: `${change}: only if ${needed.join(', ')} is gone then`, onlyWithout: needed }
  }
  const gone = needed.filter((library) => !offered.includes(library))
  return gone.length > 0 ? { reason: `${change}: ${gone.join(', ')} is gone` } : undefined
}

/** Which of the libraries no recipe on the host offers: what decides about a relink when its dependencies are built. */
export function missingLibraries(
  libraries: readonly string[],
  receipts: Readonly<Record<string, Receipt>>,
): string[] {
  const offered = new Set(Object.values(receipts).flatMap((receipt) => receipt.links?.provides ?? []))
  return libraries.filter((library) => !offered.has(library))
}
