/** What is wrong with one file, so that the others can go on. */
import { BuildStackError } from '../errors.ts'
import { Refused } from '../s3/objectStore.ts'

/** This file cannot be put or made now; the others can. */
export class FileProblem extends Error {}

/** Why one file could not be put or made; undefined for what says something of all the others, too. */
export function fileProblem(error: unknown): string | undefined {
  if (error instanceof FileProblem || error instanceof Refused) return error.message
  if (error instanceof BuildStackError) return undefined
  return (error as NodeJS.ErrnoException).syscall === undefined ? undefined : (error as Error).message
}
