/** Paths inside the world, resolved as the world sees them: a link to /x means the world's /x, not this machine's. */
import { lstatSync, readlinkSync } from 'node:fs'

/** The path without links, from the world's /, or undefined when a part of it is missing. */
export function resolveInWorld(root: string, path: string): string | undefined {
  const pending = path.split('/')
  let done: string[] = []
  let links = 0
  while (pending.length > 0) {
    const part = pending.shift()
    if (part === undefined || part === '' || part === '.') continue
    if (part === '..') {
      done.pop()
      continue
    }
    const here = [root, ...done, part].join('/')
    const stat = lstatSync(here, { throwIfNoEntry: false })
    if (stat === undefined) return undefined
    if (!stat.isSymbolicLink()) {
      done.push(part)
      continue
    }
    links += 1
    if (links > 40) return undefined
    const target = readlinkSync(here)
    if (target.startsWith('/')) done = []
    pending.unshift(...target.split('/'))
  }
  return `/${done.join('/')}`
}

/** The program that a name stands for: itself with a slash in it, else the first in the folders of path. */
export function findProgram(root: string, name: string, path: string): string | undefined {
  if (name.includes('/')) return resolveInWorld(root, name) && name
  const folder = path.split(':').find((folder) => resolveInWorld(root, `${folder}/${name}`))
  return folder && `${folder}/${name}`
}
