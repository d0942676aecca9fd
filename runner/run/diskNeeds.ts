/** How much disk a plan needs against what is free, as far as earlier runs and packages tell. Pure. */
import { jobsOf } from '../desired/makeBuild.ts'
import { isCompiled } from '../plan/makePlan.ts'
import type { Action } from '../plan/plan.ts'
import type { DiskNeed } from '../plan/preview.ts'
import type { ListedFile } from '../receipts/fileList.ts'
import type { HostInventory } from './inventory.ts'
import type { Prepared } from './prepareHost.ts'
import type { ArchiveTree } from './previewSources.ts'
import { recordedFor } from './recordedRuns.ts'

export interface DiskKnowledge {
  prepared: Prepared
  archives: ReadonlyMap<string, ArchiveTree>
  /** Installed files by recipe. */
  lists: ReadonlyMap<string, ListedFile[]>
  inventories: readonly HostInventory[]
}

/** A folder of which nothing is known is left out. */
export function diskNeeds(pending: readonly Action[], known: DiskKnowledge): DiskNeed[] {
  const { host, facts } = known.prepared.context
  const compiled = pending.filter(({ kind }) => isCompiled(kind))
  const trees = compiled.flatMap((action) => treeBytes(action, known) ?? [])
  const work = compiled.flatMap((action) => {
    const recorded = action.package ? undefined : recordedFor(action, host.name, known.inventories)
    return recorded?.expected.workBytes ?? []
  })
  return [
    // While files change places the old ones are still there: each version needs its whole size.
    ...(trees.length > 0 ? [{ folder: host.prefix, needed: sum(trees), free: facts.diskFree.prefix }] : []),
    // So many builds at once, each of which cleans up behind itself.
    ...(work.length > 0
      ? [{ folder: host.work, needed: sum(largest(work, jobsOf(host, facts))), free: facts.diskFree.work }]
      : []),
  ]
}

/** Of the package; else what the version before takes, which is about the same. */
function treeBytes(action: Action, { archives, lists }: DiskKnowledge): number | undefined {
  const packed = action.package && archives.get(action.package.name)?.bytes
  if (packed !== undefined) return packed
  const listed = lists.get(action.recipe)
  return listed && sum(listed.map(({ size }) => size ?? 0))
}

function largest(numbers: readonly number[], count: number): number[] {
  return [...numbers].sort((a, b) => b - a).slice(0, count)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
