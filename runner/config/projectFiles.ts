/** Reads the text files of a project; what cannot be read is a fault of the user's with its reason. */
import { isUtf8 } from 'node:buffer'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { configFault } from './faults.ts'

export async function readHosts(folder: string): Promise<string> {
  const path = join(folder, 'hosts.yaml')
  if (!existsSync(path)) {
    throw new BuildStackError('CONFIG', `there is no ${path}`, {
      next: 'Run build-stack in the folder that holds hosts.yaml, recipes/ and patches/.',
    })
  }
  return readText(path, 'hosts.yaml')
}

/** Names of the files recipes/*.yaml. Others (an editor's copies) are left alone. */
export async function namesOfRecipes(folder: string): Promise<string[]> {
  const files = await readdir(join(folder, 'recipes')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw unreadable(error, 'recipes/')
  })
  return files
    .map((file) => /^([A-Za-z0-9][A-Za-z0-9._+-]*)\.yaml$/.exec(file)?.[1])
    .filter((name) => name !== undefined)
    .sort()
}

/** `shown` is how messages name the file. */
export async function readText(path: string, shown: string): Promise<string> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(error, shown)
  })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw configFault('the file is not UTF-8 text', { file: shown, line: lineOfBadByte(bytes), column: 1 })
  }
}

function lineOfBadByte(bytes: Buffer): number {
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(10, start)
    const piece = bytes.subarray(start, end < 0 ? bytes.length : end)
    if (!isUtf8(piece)) return line
    start += piece.length + 1
  }
  return 1
}

function unreadable(error: NodeJS.ErrnoException, shown: string): BuildStackError {
  if (!error.code) throw error
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'it is not a folder',
  }
  return new BuildStackError('CONFIG', `cannot read ${shown}: ${reasons[error.code] ?? error.code}`, {
    cause: error,
  })
}
