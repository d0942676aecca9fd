/** Two hosts side by side: versions, inputs, files, services. Pure. */
import type { ServiceState } from '../probe/facts.ts'
import { differencesOf } from '../receipts/fileDifferences.ts'
import type { ListedFile } from '../receipts/fileList.ts'
import type { Inputs, Receipt } from '../receipts/receipt.ts'

/** What is known of one of them. */
export interface Side {
  host: string
  receipts: Record<string, Receipt>
  services: readonly ServiceState[]
  /** Files by component; only of components whose lists are not equal. */
  files: ReadonlyMap<string, readonly ListedFile[]>
}

/** A value on each of the two sides; undefined where it is absent. */
export interface Pair<T> {
  left: T | undefined
  right: T | undefined
}

export interface InputDifference extends Pair<string> {
  part: 'build' | 'files' | 'services'
  label: string
}

export interface FileDifference {
  path: string
  /** left, right: only there. */
  where: 'left' | 'right' | 'both'
  /** With both: what differs. */
  differences: string[]
}

export interface RecipeDifference {
  recipe: string
  version: Pair<string>
  /** Empty when one side does not have the recipe. */
  inputs: InputDifference[]
  files: FileDifference[]
  /** States, by FMRI. */
  services: ({ fmri: string } & Pair<string>)[]
}

export interface Comparison {
  left: string
  right: string
  different: RecipeDifference[]
  equal: string[]
}

export function compareHosts(left: Side, right: Side): Comparison {
  const recipes = [...new Set([...Object.keys(left.receipts), ...Object.keys(right.receipts)])].sort()
  const all = recipes.map((recipe) => compareRecipe(recipe, left, right))
  const differs = ({ version, inputs, files, services }: RecipeDifference) =>
    version.left !== version.right || inputs.length > 0 || files.length > 0 || services.length > 0
  return {
    left: left.host,
    right: right.host,
    different: all.filter(differs),
    equal: all.filter((one) => !differs(one)).map(({ recipe }) => recipe),
  }
}

/** Of a receipt: its files' component, and that of its services' definitions. */
export function componentsOf(recipe: string): string[] {
  return [recipe, `${recipe}.services`]
}

function compareRecipe(recipe: string, left: Side, right: Side): RecipeDifference {
  const [one, other] = [left.receipts[recipe], right.receipts[recipe]]
  const version = { left: one?.version, right: other?.version }
  if (!one || !other) return { recipe, version, inputs: [], files: [], services: [] }
  const inputs = (['build', 'files', 'services'] as const).flatMap((part) =>
    differentInputs(one.inputs[part], other.inputs[part]).map((input) => ({ part, ...input })),
  )
  const files = componentsOf(recipe).flatMap((component) =>
    differentFiles(left.files.get(component) ?? [], right.files.get(component) ?? []),
  )
  return { recipe, version, inputs, files, services: differentServices(one, other, left, right) }
}

function differentInputs(left: Inputs, right: Inputs): Omit<InputDifference, 'part'>[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .filter((label) => left[label] !== right[label])
    .map((label) => ({ label, left: left[label], right: right[label] }))
}

function differentFiles(left: readonly ListedFile[], right: readonly ListedFile[]): FileDifference[] {
  const [one, other] = [left, right].map((files) => new Map(files.map((file) => [file.path, file])))
  const paths = [...new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])])].sort()
  return paths.flatMap((path): FileDifference[] => {
    const [was, is] = [one?.get(path), other?.get(path)]
    if (!was || !is) return [{ path, where: was ? 'left' : 'right', differences: [] }]
    const differences = differencesOf(was, is)
    return differences.length > 0 ? [{ path, where: 'both', differences }] : []
  })
}

function differentServices(
  one: Receipt,
  other: Receipt,
  left: Side,
  right: Side,
): RecipeDifference['services'] {
  const fmris = [...new Set([...one.services, ...other.services].map(({ fmri }) => fmri))].sort()
  const stateOn = (side: Side, fmri: string) => side.services.find((service) => service.fmri === fmri)?.state
  return fmris
    .map((fmri) => ({ fmri, left: stateOn(left, fmri), right: stateOn(right, fmri) }))
    .filter((service) => service.left !== service.right)
}
