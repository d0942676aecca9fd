/**
 * What lets a job go on where an earlier one of the same recipe failed or was cut off: for each step in the build folder a
 * checksum over all that its result depends on, the steps before it included. host/resume.sh compares them. Pure.
 */
import { createHash } from 'node:crypto'
import { suggestion } from '../config/suggest.ts'
import type { Build } from '../desired/build.ts'
import { BuildStackError } from '../errors.ts'
import type { Step } from './step.ts'

/** Where a build begins: at the first step whose inputs have changed; at the first one; at one with this title, or earlier. */
export type Start = { at: 'change' } | { at: 'beginning' } | { at: 'step'; title: string }

export interface KeptPlace {
  /** Of the build; absolute. */
  folder: string
  build: Build
  start: Start
}

type Named = Step & { name: string }

/** Texts of the job's folder by name: see host/resume.sh. `environment`: of the steps, the same for every attempt. */
export function keptTexts(
  steps: readonly Named[],
  { folder, build, start }: KeptPlace,
  environment: string,
): Record<string, string> {
  const keyed = withKeys(
    steps,
    JSON.stringify([environment, build.prefix, build.platform, build.dependencies]),
  )
  const receipts = Object.keys(build.dependencies).map(
    (name) => `${build.prefix}/var/build-stack/receipts/${name}.json`,
  )
  const from = startName(keyed, start)
  return {
    'build-folder': `${folder}\n`,
    keyed: keyed.map(({ name, key, again }) => `${name} ${key} ${again ? 'again' : 'once'}\n`).join(''),
    needs: receipts.map((path) => `${path}\n`).join(''),
    ...(from !== undefined && { from: `${from}\n` }),
  }
}

interface Keyed {
  name: string
  title: string
  key: string
  again: boolean
}

function withKeys(steps: readonly Named[], seed: string): Keyed[] {
  let key = sha256(seed)
  return steps.flatMap(({ name, title, keep }) => {
    if (!keep) return []
    key = sha256(JSON.stringify([key, title, keep.inputs]))
    return [{ name, title, key, again: keep.again }]
  })
}

/** The first of the titles that is, or else begins with, what was asked for. */
function titleFrom(titles: readonly string[], wanted: string): string | undefined {
  return titles.find((title) => title === wanted) ?? titles.find((title) => title.startsWith(wanted))
}

function startName(keyed: readonly Keyed[], start: Start): string | undefined {
  if (start.at === 'change') return undefined
  if (start.at === 'beginning') return keyed[0]?.name
  const title = titleFrom(
    keyed.map((step) => step.title),
    start.title,
  )
  return keyed.find((step) => step.title === title)?.name
}

/** What is built in steps that can be kept ends with this one: see compileSteps.ts. */
const LAST = 'pack'

/** @throws BuildStackError USAGE when none of the builds has the step. A recipe without it begins where it can. */
export function checkStart(
  start: Start,
  actions: readonly { recipe: string; steps: readonly string[] }[],
  host: string,
): void {
  if (start.at !== 'step') return
  const titles = actions.flatMap(({ steps }) => steps.slice(0, steps.indexOf(LAST) + 1))
  if (titleFrom(titles, start.title) !== undefined) return
  const known = [...new Set(titles)]
  const message = `no build of this run has a step "${start.title}"${suggestion(start.title, known, 'there are')}`
  throw new BuildStackError('USAGE', message, {
    host,
    next:
      known.length > 0 ? `name one of: ${known.join(', ')}` : 'leave out --from: nothing is to be built here',
  })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
