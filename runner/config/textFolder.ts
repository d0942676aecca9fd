/** The files that recipes name below a folder of the project, patches and files of services: whether one is there, and what it holds. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, normalize, relative, sep } from 'node:path'
import { closest } from './suggest.ts'

export interface TextFolder {
  /** What is wrong with a file's name; undefined when the file is there and below the folder. */
  problem(file: string): string | undefined
  read(file: string): Buffer
}

export function textFolder(folder: string): TextFolder {
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
  const all = filesIn(folder)
  const beside = all.filter((name) => dirname(name) === dirname(file))
  const likely =
    all.find((name) => basename(name) === basename(file)) ?? closest(file, beside) ?? closest(file, all)
  if (likely !== undefined) return `; did you mean "${likely}"?`
  return beside.length ? `; beside it are ${beside.join(', ')}` : ''
}

/** All files below the folder, by their path in it. */
function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .sort()
  } catch {
    return []
  }
}
