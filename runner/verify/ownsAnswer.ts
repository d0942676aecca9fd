/** What owns.sh prints, as data. Pure. */
import type { ListedFile } from '../receipts/fileList.ts'
import { parseListLine } from '../receipts/fileList.ts'
import { answerLines } from './answerLines.ts'
import {
  type ConfigurationAnswer,
  configurationAnswer,
  type Recorded,
  recordedAnswer,
} from './verifyAnswer.ts'

export interface OwnsAnswer {
  owned: Recorded[]
  now: Map<string, ListedFile>
  /** How many files of a component are below an asked folder. */
  holds: { component: string; count: number; path: string }[]
  /** Recorded paths with the name of an asked one, or in its folder. */
  near: string[]
  configuration: ConfigurationAnswer[]
}

/** @throws BuildStackError HOST when the output is not a whole answer. */
export function parseOwnsAnswer(output: string, host: string): OwnsAnswer {
  const answer: OwnsAnswer = { owned: [], now: new Map(), holds: [], near: [], configuration: [] }
  for (const { kind, word, rest } of answerLines(output, 'owns', host)) {
    if (kind === 'owned') answer.owned.push(...recordedAnswer(word, rest))
    else if (kind === 'holds')
      answer.holds.push({ component: word(0), count: Number(word(1)), path: rest(2) })
    else if (kind === 'near') answer.near.push(rest(0))
    else if (kind === 'config') answer.configuration.push(configurationAnswer(word, rest))
    else if (kind === 'is') {
      const file = parseListLine(rest(0))
      if (file) answer.now.set(file.path, file)
    }
  }
  return answer
}
