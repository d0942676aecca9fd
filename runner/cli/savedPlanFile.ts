/** Saved plans on disk. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { BuildStackError } from '../errors.ts'
import { parseSavedPlan, type SavedPlan, savedPlanText } from '../plan/savedPlan.ts'

/** Only for its owner: the environment of builds is in it. @throws BuildStackError USAGE where it cannot be written. */
export async function writeSavedPlan(file: string, saved: SavedPlan): Promise<void> {
  const next = `${file}.${process.pid}.next`
  try {
    await writeFile(next, savedPlanText(saved), { mode: 0o600, flag: 'wx' })
    await rename(next, file)
  } catch (cause) {
    await rm(next, { force: true }).catch(() => {})
    throw unusable(
      `the plan cannot be written to ${file}`,
      cause,
      'name a file in a folder that you can write to',
    )
  }
}

/** @throws BuildStackError USAGE where it cannot be read, CONFIG as parseSavedPlan. */
export async function readSavedPlan(file: string): Promise<SavedPlan> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw unusable(
      `the plan ${file} cannot be read`,
      cause,
      'name a file that build-stack HOST --out FILE wrote',
    )
  }
  return parseSavedPlan(text, file)
}

function unusable(message: string, cause: unknown, next: string): BuildStackError {
  return new BuildStackError('USAGE', message, { cause, next })
}
