/** Trees of files as values: written to a folder, read back, put together. For tests of what changes a prefix. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

export type Node =
  | { kind: 'file'; content: string; mode: number }
  | { kind: 'link'; target: string }
  | { kind: 'folder'; mode: number; children: Tree }

export type Tree = { [name: string]: Node }

export function file(content: string, mode = 0o644): Node {
  return { kind: 'file', content, mode }
}

export function link(target: string): Node {
  return { kind: 'link', target }
}

export function folder(children: Tree, mode = 0o755): Node {
  return { kind: 'folder', mode, children }
}

/** Into a folder that is there. */
export function writeTree(into: string, tree: Tree): void {
  for (const [name, node] of Object.entries(tree)) {
    const path = join(into, name)
    if (node.kind === 'link') symlinkSync(node.target, path)
    else if (node.kind === 'file') {
      writeFileSync(path, node.content)
      chmodSync(path, node.mode)
    } else {
      mkdirSync(path, { recursive: true })
      writeTree(path, node.children)
      chmodSync(path, node.mode)
    }
  }
}

/** Without the folder's own var/build-stack, and without a var that has nothing else. */
export function readPrefix(prefix: string): Tree {
  const tree = readTree(prefix)
  const { var: variable } = tree
  if (variable?.kind !== 'folder') return tree
  delete variable.children['build-stack']
  if (Object.keys(variable.children).length === 0) delete tree.var
  return tree
}

export function readTree(from: string): Tree {
  const tree: Tree = {}
  for (const name of readdirSync(from).sort()) {
    const path = join(from, name)
    const status = lstatSync(path)
    const mode = status.mode & 0o7777
    if (status.isSymbolicLink()) tree[name] = link(readlinkSync(path))
    else if (status.isDirectory()) tree[name] = folder(readTree(path), mode)
    else tree[name] = file(readFileSync(path, 'utf8'), mode)
  }
  return tree
}

/** Both in one folder; undefined when they cannot be: only folders may be in both. A folder of both has the first's mode. */
export function merged(first: Tree, second: Tree): Tree | undefined {
  const result: Tree = { ...first }
  for (const [name, node] of Object.entries(second)) {
    const there = first[name]
    if (!there) result[name] = node
    else {
      if (there.kind !== 'folder' || node.kind !== 'folder') return undefined
      const children = merged(there.children, node.children)
      if (!children) return undefined
      result[name] = { ...there, children }
    }
  }
  return result
}

/** Folders that are closed for writing included, which only root removes as they are. */
export function removeTree(path: string): void {
  if (!existsSync(path)) return
  openFolders(path)
  rmSync(path, { recursive: true })
}

function openFolders(path: string): void {
  chmodSync(path, 0o700)
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) openFolders(join(path, entry.name))
  }
}
