/** What a host is told to make, as host/sync-write.sh takes it, and what it answers. Pure. */
import { ustarEnd, ustarHeader, ustarMemberSize, ustarPadding } from '../transports/ustar.ts'

/** `path`: below the folder. `mtime`: microseconds since 1970. `id`: of a part. */
export type Deed =
  | { kind: 'file'; path: string; content: Buffer; mode: number; mtime: number }
  | { kind: 'link'; path: string; target: string; mtime: number }
  /** Content behind the first `at` bytes, whole MB. */
  | { kind: 'part'; id: string; at: number; content: Buffer }
  | { kind: 'end'; id: string; path: string; sha256: string; mode: number; mtime: number }
  | { kind: 'drop'; id: string }
  | { kind: 'mode' | 'folder'; path: string; mode: number }

export const MB = 1024 * 1024

/** A tar archive. Paths and targets have no line breaks. */
export function archiveOf(deeds: readonly Deed[]): Buffer {
  const contents: Buffer[] = []
  const lines = deeds.flatMap((deed) => {
    if ('content' in deed) contents.push(deed.content)
    return linesOf(deed, contents.length)
  })
  const members = [
    { path: 'list', content: Buffer.from(`${lines.join('\n')}\n`) },
    ...contents.map((content, index) => ({ path: `${index + 1}`, content })),
  ]
  const bytes = members.reduce((sum, { content }) => sum + ustarMemberSize(content.length), 0)
  const now = new Date()
  return Buffer.concat([
    ...members.flatMap(({ path, content }) => [
      ustarHeader({ path, mode: 0o600, size: content.length }, now),
      content,
      ustarPadding(content.length),
    ]),
    ustarEnd(bytes),
  ])
}

/** `number`: of its content in the archive. */
function linesOf(deed: Deed, number: number): string[] {
  switch (deed.kind) {
    case 'file':
      return [`file ${number} ${octal(deed.mode)} ${timeWords(deed.mtime)}`, deed.path]
    case 'link':
      return [`link ${timeWords(deed.mtime)}`, deed.path, deed.target]
    case 'part':
      return [`part ${deed.id} ${deed.at / MB} ${number}`]
    case 'end':
      return [`end ${deed.id} ${deed.sha256} ${octal(deed.mode)} ${timeWords(deed.mtime)}`, deed.path]
    case 'drop':
      return [`drop ${deed.id}`]
    default:
      return [`${deed.kind} ${octal(deed.mode)}`, deed.path]
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}

/** For touch -d, to the microsecond, and for touch -t; both of UTC. */
function timeWords(mtime: number): string {
  const seconds = Math.floor(mtime / 1e6)
  const fraction = String(mtime - seconds * 1e6).padStart(6, '0')
  const whole = new Date(seconds * 1000).toISOString().replace('.000Z', '')
  const stamp = `${whole.slice(0, 16).replace(/[-T:]/g, '')}.${whole.slice(17)}`
  return `${whole}.${fraction}Z ${stamp}`
}

/** Of each deed, why it was not done; "damaged" for content that is not what it should be. */
export type Answers = readonly (string | undefined)[]

/** `stopped`: nothing was done, and why. @throws Error for an answer without its end. */
export function answersOf(output: Buffer, deeds: number): Answers | { stopped: string } {
  const lines = output.toString().split('\n')
  const [word, why = ''] = (lines[0] ?? '').split('\t', 2)
  if (word === 'stop') return { stopped: why }
  if (lines.length !== deeds + 2 || lines[deeds] !== 'end') throw new Error('the answer has no end')
  return lines.slice(0, deeds).map((line) => {
    if (line === 'ok') return undefined
    return line.split('\t')[1] || 'it cannot be made'
  })
}
