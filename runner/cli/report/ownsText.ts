/** What `build-stack owns` prints. Pure. */
import type { Owner, Ownership } from '../../verify/ownership.ts'
import { type Paint, painter } from './color.ts'
import { dateAndAge } from './date.ts'
import { shownLine } from './shownLine.ts'

/** Lines without a line break at the end. */
export function ownsText(found: Ownership[], { color, now }: { color: boolean; now: Date }): string {
  const paint = painter(color)
  return found
    .flatMap(({ path, owners, near }) => {
      const name = paint('bold', shownLine(path))
      if (owners.length > 0) return owners.map((owner) => `${name}: ${ownerText(owner, paint, now)}`)
      const hint = near.length > 0 ? `; did you mean ${near.map(shownLine).join(' or ')}?` : ''
      return [`${name}: ${paint('yellow', 'belongs to nobody')}${hint}`]
    })
    .join('\n')
}

function ownerText({ recipe, receipt, what, differences, files }: Owner, paint: Paint, now: Date): string {
  const version = receipt ? `${recipe} ${receipt.version}` : `${recipe} (no receipt)`
  const since = receipt ? `, installed ${dateAndAge(receipt.installedAt, now)} by ${receipt.installedBy}` : ''
  const kind = what === 'file' || what === 'link' || what === 'folder' ? '' : `${what} of `
  const whole = files === undefined ? '' : `; ${files} ${files === 1 ? 'file' : 'files'} in it`
  return `${kind}${shownLine(version + since)}${whole}${stateText(differences, files, paint)}`
}

function stateText(differences: string[] | undefined, files: number | undefined, paint: Paint): string {
  if (differences === undefined)
    return files === undefined ? '; whether it is as installed cannot be read' : ''
  if (differences.length === 0) return `; ${paint('green', 'as installed')}`
  return `; ${paint('red', shownLine(differences.join(', ')))}`
}

/** A line for each path: every key there, null for what does not apply. */
export function ownsJson(host: string, found: Ownership[]): string {
  return found
    .map(({ asked, path, owners, near }) => {
      const list = owners.map(({ recipe, receipt, what, differences, files }) => ({
        recipe,
        version: receipt?.version ?? null,
        installedAt: receipt?.installedAt ?? null,
        installedBy: receipt?.installedBy ?? null,
        what,
        asInstalled: differences ? differences.length === 0 : null,
        differences: differences ?? null,
        files: files ?? null,
      }))
      return JSON.stringify({ host, asked, path, owners: list, near })
    })
    .join('\n')
}
