/** What `build-stack compare` prints. Pure. */
import type {
  Comparison,
  FileDifference,
  InputDifference,
  RecipeDifference,
} from '../../compare/compareHosts.ts'
import { changeLines } from '../../plan/changeLines.ts'
import { type Paint, painter } from './color.ts'
import { shownLine } from './shownLine.ts'
import { cell, tableLines } from './table.ts'

/** Of a recipe, without `all`. */
const FILES_SHOWN = 5
/** Lines of a text's diff. */
const DIFF_LINES = 40

/** Lines without a line break at the end. all: every file that differs. */
export function compareText(
  comparison: Comparison,
  { color, all }: { color: boolean; all: boolean },
): string {
  const { left, right, different, equal } = comparison
  const paint = painter(color)
  const equals = equal.length > 0 ? `equal: ${equal.join(', ')}` : ''
  if (different.length === 0) {
    return equal.length === 0
      ? `${left} and ${right}: nothing is installed by build-stack`
      : `${left} and ${right} have the same; ${equals}`
  }
  const titles = ['recipe', left, right, 'files'].map((title) => cell(title, paint('dim', title)))
  const rows = different.map(({ recipe, version, files }) => {
    const differs = version.left !== version.right
    const versions = [version.left, version.right].map((text = '-') =>
      cell(text, differs ? paint('yellow', text) : text),
    )
    return [cell(recipe), ...versions, cell(files.length > 0 ? `${files.length} differ` : '')]
  })
  const details = different.flatMap((one) => detailLines(one, comparison, paint, all))
  return [...tableLines([titles, ...rows]), ...details, ...(equals ? ['', equals] : [])]
    .map(trimmed)
    .join('\n')
}

function trimmed(line: string): string {
  return line.trimEnd()
}

function detailLines(
  one: RecipeDifference,
  { left, right }: Comparison,
  paint: Paint,
  all: boolean,
): string[] {
  const shown = all ? one.files : one.files.slice(0, FILES_SHOWN)
  const rest = one.files.length - shown.length
  const lines = [
    ...one.inputs
      .filter(({ label }) => label !== 'version')
      .flatMap((input) => inputLines(input, [left, right], paint)),
    ...one.services.map(({ fmri, left: a = 'absent', right: b = 'absent' }) => `${fmri}: ${a} -> ${b}`),
    ...shown.map((file) => fileLine(file, left, right)),
    ...(rest > 0 ? [`and ${rest} more files (-v names all)`] : []),
  ]
  if (lines.length === 0) return []
  return ['', `${paint('bold', one.recipe)} (${left} -> ${right})`, ...lines.map((line) => `  ${line}`)]
}

function inputLines({ part, label, left, right }: InputDifference, hosts: string[], paint: Paint): string[] {
  const change = {
    part,
    label: part === 'services' ? `service ${label}` : label,
    ...(left !== undefined && { old: left }),
    ...(right !== undefined && { new: right }),
  }
  // Nothing was done here: the two only differ.
  return changeLines(change, [], paint, DIFF_LINES).map((line) =>
    line
      .replace(/: changed$/, ': differs')
      .replace(/: removed$/, `: only on ${hosts[0]}`)
      .replace(/: added$/, `: only on ${hosts[1]}`),
  )
}

function fileLine({ path, where, differences }: FileDifference, left: string, right: string): string {
  if (where === 'both') return shownLine(`${path}: ${differences.join(', ')}`)
  return shownLine(`${path}: only on ${where === 'left' ? left : right}`)
}

/** A line for each recipe: every key there, null for what does not apply. The keys left and right name the hosts. */
export function compareJson({ left, right, different, equal }: Comparison): string {
  const lines = different.map(({ recipe, version, inputs, files, services }) => ({
    left,
    right,
    recipe,
    equal: false,
    version: { left: version.left ?? null, right: version.right ?? null },
    inputs: inputs.map((input) => ({ ...input, left: input.left ?? null, right: input.right ?? null })),
    files,
    services: services.map((one) => ({ ...one, left: one.left ?? null, right: one.right ?? null })),
  }))
  const equals = equal.map((recipe) => ({ left, right, recipe, equal: true }))
  return [...lines, ...equals].map((line) => JSON.stringify(line)).join('\n')
}
