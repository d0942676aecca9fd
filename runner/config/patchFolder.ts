/** The patch files of a project: whether one is there, and what it holds. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize, relative, sep } from 'node:path'
import { closest } from './suggest.ts'

export interface PatchFolder {
  /** What is wrong with a patch's file name; undefined when the file is there and below the folder. */
  problem(file: string): string | undefined
  read(file: string): Buffer
}

export function patchFolder(folder: string): PatchFolder {
  const contents = new Map<string, Buffer>()
  return {
    problem: (file) => problemWith(folder, file),
    read: (file) => {
      const content = contents.get(file) ?? readFileSync(join(folder, file))
      contents.set(file, content)
      return content
    },
  }
}

function problemWith(folder: string, file: string): string | undefined {
  const inside = normalize(file)
  if (isAbsolute(file) || leads(inside)) return `"${file}" leads out of ${folder}`
  const path = join(folder, inside)
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return `no file ${path}${near(folder, inside)}`
  if (!stat.isFile()) return `${path} is not a file`
  if (stat.size === 0) return `${path} is empty`
  // A symbolic link may lead out of the folder as well.
  return leads(relative(realpathSync(folder), realpathSync(path)))
    ? `${path} leads out of ${folder}`
    : undefined
}

function leads(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)
}

function near(folder: string, file: string): string {
  const beside = filesIn(join(folder, dirname(file))).map((name) => normalize(join(dirname(file), name)))
  const likely = closest(file, beside)
  if (likely !== undefined) return `; did you mean "${likely}"?`
  const all = filesIn(folder, true)
  const elsewhere = closest(file, all) ?? all.find((name) => name.endsWith(`${sep}${file.split(sep).at(-1)}`))
  if (elsewhere !== undefined) return `; did you mean "${elsewhere}"?`
  return beside.length ? `; beside it are ${beside.join(', ')}` : ''
}

function filesIn(folder: string, recursive = false): string[] {
  try {
    return readdirSync(folder, { recursive, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .sort()
  } catch {
    return []
  }
}
