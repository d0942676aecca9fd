/** What verify.sh prints, as data. Pure. */
import { type ListedFile, parseListLine } from '../receipts/fileList.ts'
import { type AnswerLine, answerLines } from './answerLines.ts'

export type ConfigurationState = 'same' | 'changed' | 'link' | 'missing' | 'folder' | 'unreadable' | 'unknown'

export interface ConfigurationAnswer {
  recipe: string
  state: ConfigurationState
  /** PATH.new is there. */
  newBeside: boolean
  path: string
}

export interface VerifyAnswer {
  /** By component: a recipe, or "RECIPE.services". */
  lists: Map<string, { lines: number; bad: number }>
  /** Recorded, and not there. */
  gone: Recorded[]
  /** Recorded, and there in another form: that of `now` for its path. */
  was: Recorded[]
  now: Map<string, ListedFile>
  /** Files in no list. A folder with nothing recorded in it stands for the `count` files below it. */
  foreign: { path: string; count: number; madeByRecipe: boolean }[]
  configuration: ConfigurationAnswer[]
  /** Libraries that programs need and do not find. */
  libraries: { component: string; file: string; library: string; why: string }[]
  /** Why libraries were not looked at. */
  unlinked: string | undefined
}

export interface Recorded {
  component: string
  file: ListedFile
}

/** @throws BuildStackError HOST when the output is not a whole answer. */
export function parseVerifyAnswer(output: string, host: string, stderr = ''): VerifyAnswer {
  const answer: VerifyAnswer = {
    lists: new Map(),
    gone: [],
    was: [],
    now: new Map(),
    foreign: [],
    configuration: [],
    libraries: [],
    unlinked: undefined,
  }
  for (const line of answerLines(output, 'verify', host, stderr)) readers[line.kind]?.(answer, line)
  return answer
}

/** None for what is no line of a list. */
export function recordedAnswer(word: AnswerLine['word'], rest: AnswerLine['rest']): Recorded[] {
  const file = parseListLine(rest(1))
  return file ? [{ component: word(0), file }] : []
}

export function configurationAnswer(word: AnswerLine['word'], rest: AnswerLine['rest']): ConfigurationAnswer {
  return {
    recipe: word(0),
    state: word(1) as ConfigurationState,
    newBeside: word(2) === 'new',
    path: rest(3),
  }
}

const readers: Record<string, (answer: VerifyAnswer, line: AnswerLine) => void> = {
  list: (answer, { word }) => answer.lists.set(word(0), { lines: Number(word(1)), bad: Number(word(2)) }),
  gone: (answer, { word, rest }) => answer.gone.push(...recordedAnswer(word, rest)),
  was: (answer, { word, rest }) => answer.was.push(...recordedAnswer(word, rest)),
  is(answer, { rest }) {
    const file = parseListLine(rest(0))
    if (file) answer.now.set(file.path, file)
  },
  foreign: (answer, { word, rest }) =>
    answer.foreign.push({ path: rest(2), count: Number(word(0)), madeByRecipe: word(1) === 'made' }),
  config: (answer, { word, rest }) => answer.configuration.push(configurationAnswer(word, rest)),
  library: (answer, { word }) =>
    answer.libraries.push({ component: word(0), file: word(1), library: word(2), why: word(3) }),
  unlinked(answer, { rest }) {
    answer.unlinked = rest(0)
  },
}
