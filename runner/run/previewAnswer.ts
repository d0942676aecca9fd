/** The question that a dry run with pending changes asks a host, and what the host answers. Pure but for the script it reads. */
import type { Host } from '../config/hosts.ts'
import { type ListedFile, parseListLine } from '../receipts/fileList.ts'
import { quote } from '../shell.ts'
import { type ConfigurationFile, type Look, type LookFacts, lookCommand } from '../verify/lookCommand.ts'

export interface PreviewQuestion {
  /** Absolute paths. */
  texts: string[]
  /** Recipes whose lists of files are wanted. */
  lists: string[]
  /** Names of packages that the host keeps, whose files are wanted. */
  packages: string[]
  configuration: ConfigurationFile[]
}

export interface PreviewAnswer {
  texts: Map<string, string>
  lists: Map<string, ListedFile[]>
  /** Members of each package that could be read to its end, as tar names them. */
  packages: Map<string, string[]>
  /** state as recorded.sh's config_state; newBeside: PATH.new waits to be merged. */
  configuration: { recipe: string; state: string; newBeside: boolean; path: string }[]
}

export function previewCommand(host: Host, facts: LookFacts, question: PreviewQuestion): Look {
  const lines = (words: readonly string[]) => quote(words.filter((word) => !word.includes('\n')).join('\n'))
  return lookCommand(host, facts, {
    assignments: [
      'quick=',
      `texts=${lines(question.texts)}`,
      `lists=${lines(question.lists)}`,
      `packages=${lines(question.packages)}`,
    ],
    configuration: question.configuration,
    scripts: ['recorded.sh', 'preview.sh'],
  })
}

/** Undefined for an answer that is cut off or none. */
export function parsePreview(output: string): PreviewAnswer | undefined {
  const start = output.indexOf('preview 1\n')
  if (start < 0 || !output.endsWith('preview end\n')) return undefined
  const answer: PreviewAnswer = { texts: new Map(), lists: new Map(), packages: new Map(), configuration: [] }
  const packed = new Map<string, string[]>()
  let text: { path: string; lines: string[] } | undefined
  const endText = (complete: boolean) => {
    if (text)
      answer.texts.set(
        text.path,
        text.lines
          .map((line, index, all) => (complete || index < all.length - 1 ? `${line}\n` : line))
          .join(''),
      )
    text = undefined
  }
  const lines = output.slice(start).split('\n')
  for (const [index, line] of lines.entries()) {
    if (text && line.startsWith('|')) {
      text.lines.push(line.slice(1))
      // An empty line after it is the script's own; it follows a line break of the text only where the text ended in one.
      if (!lines[index + 1]?.startsWith('|')) endText(lines[index + 1] === '')
      continue
    }
    endText(true)
    const [word, ...rest] = line.split('\t')
    const [first = '', second = '', third = '', ...path] = rest
    if (word === 'text') {
      text = { path: first, lines: [] }
    } else if (word === 'listed') {
      const file = parseListLine(rest.slice(1).join('\t'))
      if (file) push(answer.lists, first, file)
    } else if (word === 'packed') push(packed, first, rest.slice(1).join('\t'))
    else if (word === 'whole') answer.packages.set(first, packed.get(first) ?? [])
    else if (word === 'config')
      answer.configuration.push({
        recipe: first,
        state: second,
        newBeside: third === 'new',
        path: path.join('\t'),
      })
  }
  return answer
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key) ?? []
  list.push(value)
  map.set(key, list)
}
