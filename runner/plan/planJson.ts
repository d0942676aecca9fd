/** A plan as --json prints it: all of it but the contents of files, which may be long and secret. */
import { createHash } from 'node:crypto'
import type { Build, BuildFile } from '../desired/build.ts'
import type { Action, Change, Plan } from './plan.ts'

export interface FileJson extends Omit<BuildFile, 'content'> {
  sha256: string
}

export interface ActionJson extends Omit<Action, 'build'> {
  build: Omit<Build, 'files'> & { files: FileJson[] }
}

export interface PlanJson extends Omit<Plan, 'actions'> {
  actions: ActionJson[]
}

export function planJson(plan: Plan): PlanJson {
  return { ...plan, actions: plan.actions.map(actionJson) }
}

function actionJson(action: Action): ActionJson {
  const files = action.build.files.map(({ content, ...file }) => ({ ...file, sha256: sha256(content) }))
  return { ...action, changes: action.changes.map(changeJson), build: { ...action.build, files } }
}

/** A text of several lines is a file's or a manifest's: its checksum says whether it is the same. */
function changeJson(change: Change): Change {
  const brief = (text: string) => (text.includes('\n') ? `sha256:${sha256(text)}` : text)
  return {
    ...change,
    ...(change.old !== undefined && { old: brief(change.old) }),
    ...(change.new !== undefined && { new: brief(change.new) }),
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
