/** Lines of a dry run's text for what is known beyond the plan: of an action, and of each host of a group. Pure. */
import type { Paint } from '../cli/report/color.ts'
import { bytes, roughly } from '../cli/report/duration.ts'
import { shownLine } from '../cli/report/shownLine.ts'
import { paintLine } from './changeLines.ts'
import type { Group, HostPlan } from './groups.ts'
import { isCompiled } from './makePlan.ts'
import type { Action } from './plan.ts'
import type { ActionPreview, KeptFile, TextChange } from './preview.ts'
import { lineDiff } from './textDiff.ts'

export interface LineOptions {
  paint: Paint
  /** Lists of files, not only their counts. */
  verbose: boolean
  /** Lines of one text's diff. */
  limit: number
}

/** Below an action's headline: where it comes from and what it takes, one line, then its files. */
export function outlookLines(action: Action, group: Group, options: LineOptions): string[] {
  const previews = group.flatMap(({ preview }) => preview?.actions[action.recipe] ?? [])
  const [first] = previews
  if (!first) return []
  const words = [originOf(action, group, previews), ...serviceWords(previews)]
  return [words.filter(Boolean).join('; '), ...fileLines(first, options)].filter(Boolean)
}

/** "build about 41 min", "from server2's package, no build". */
function originOf(action: Action, group: Group, previews: ActionPreview[]): string {
  const time = spread(previews.map(({ duration }) => duration?.seconds))
  const takes = time ? ` about ${time}` : ''
  const { package: found } = action
  if (found?.at === 'host') return `from the package on the host, no build${takes && `,${takes}`}`
  if (found?.at === 'store') return `from the store, no build${takes && `,${takes}`}`
  if (found) {
    const builder = previews.find(({ packageOf }) => packageOf)?.packageOf
    return `from ${builder ? `${builder}'s package` : 'a package of this machine'}, no build${takes && `,${takes}`}`
  }
  if (!isCompiled(action.kind)) return takes.trim()
  // Equal hosts of one run build once; the others install what the first one packed.
  const once = group.length > 1 ? `built on one host, installed from its package on the others` : ''
  const source = 'packages' in action.build.source ? 'from the package manager of the host' : ''
  return [source || (takes ? `build${takes}` : ''), once].filter(Boolean).join('; ')
}

/** A service that somebody stopped on one host still restarts on the others. */
function serviceWords(previews: ActionPreview[]): string[] {
  const all = previews.flatMap(({ services }) => services)
  return [...new Set(all.map(({ name }) => name))].map((name) => {
    const own = all.filter((service) => service.name === name)
    if (own.every(({ what }) => what === 'start')) return `${name} starts`
    if (own.every(({ what }) => what === 'stop')) return `${name} stops for good`
    const down = spread(own.map(({ downSeconds }) => downSeconds))
    return down ? `${name} down about ${down}` : `${name} restarts`
  })
}

/** "12 s", or "12 s to 3 min" where hosts differ; empty where nothing is known. */
function spread(seconds: (number | undefined)[]): string {
  const known = seconds.filter((one) => one !== undefined)
  if (known.length === 0) return ''
  const [least, most] = [roughly(Math.min(...known)), roughly(Math.max(...known))]
  return least === most ? least : `${least} to ${most}`
}

function fileLines({ files }: ActionPreview, { paint, verbose }: LineOptions): string[] {
  if (!files || files.appear.length + files.vanish.length === 0) return []
  const counts = [
    files.appear.length > 0 && `${counted(files.appear.length)} would appear`,
    files.vanish.length > 0 && `${counted(files.vanish.length)} would vanish`,
  ]
  const names = [
    ...files.appear.map((path) => paint('green', `  + ${shownLine(path)}`)),
    ...files.vanish.map((path) => paint('red', `  - ${shownLine(path)}`)),
  ]
  return [counts.filter(Boolean).join(', '), ...(verbose ? names : [])]
}

function counted(count: number): string {
  return `${count} ${count === 1 ? 'file' : 'files'}`
}

const MARKS = { new: ' (new)', changed: '', gone: ' (goes)' }

/** A text's diff under its name. */
export function textLines(
  { what, name, kind, old, new: wanted }: TextChange,
  { paint, limit }: LineOptions,
): string[] {
  const title = shownLine(kind === 'configuration' ? name : `${kind} ${name}`)
  if (what === 'mode') return [`${title}: the same text with another mode, owner or group`]
  if (what === 'unknown') return [`${title}: changed; the old text is not known`]
  const lines = lineDiff(old ?? '', wanted ?? '', limit)
  return [`${title}${MARKS[what]}:`, ...lines.map((line) => `  ${paintLine(line, paint)}`)]
}

/** What is particular to a host of the group, with its name in front where there are several. */
export function hostLines(host: HostPlan, group: Group, paint: Paint): string[] {
  const { preview, plan } = host
  if (!preview) return []
  const name = group.length > 1 ? `${plan.host}: ` : ''
  const kept = Object.values(preview.actions).flatMap((one) => one.kept.map(keptText))
  const lines = [...preview.drift.map(({ message }) => message), ...kept, ...preview.disk.flatMap(tooSmall)]
  return lines.map((line) => `${paint('yellow', '!')} ${paint('bold', name)}${shownLine(line)}`)
}

const BECAUSE: Record<KeptFile['because'], string> = {
  edited: 'was edited by hand',
  link: 'is a link now',
  'not ours': 'is there already',
  dropped: 'was changed by hand',
}

function keptText({ path, because }: KeptFile): string {
  if (because === 'dropped') return `${path} ${BECAUSE.dropped}: kept, and of no recipe any more`
  return `${path} ${BECAUSE[because]}: kept; the new one goes beside it as ${path.slice(path.lastIndexOf('/') + 1)}.new`
}

function tooSmall({
  folder,
  needed,
  free,
}: {
  folder: string
  needed: number
  free: number | undefined
}): string[] {
  if (free === undefined || free >= needed) return []
  return [`${folder} has ${bytes(free)} free, and about ${bytes(needed)} are needed`]
}

/** "disk: about 210 MB of 4.1 GB free in /opt/local"; of a group, the host that is nearest to its limit. */
export function diskLines(group: Group): string[] {
  const folders = [
    ...new Set(group.flatMap(({ preview }) => preview?.disk.map(({ folder }) => folder) ?? [])),
  ]
  const words = folders.flatMap((folder) => {
    const needs = group.flatMap(({ preview }) => preview?.disk.filter((one) => one.folder === folder) ?? [])
    const left = ({ needed, free = Number.POSITIVE_INFINITY }: (typeof needs)[number]) => free - needed
    const [tightest] = needs.sort((a, b) => left(a) - left(b))
    if (!tightest || tightest.needed === 0) return []
    const { needed, free } = tightest
    return [`about ${bytes(needed)}${free === undefined ? '' : ` of ${bytes(free)} free`} in ${folder}`]
  })
  return words.length > 0 ? [`disk: ${words.join(', ')}`] : []
}
