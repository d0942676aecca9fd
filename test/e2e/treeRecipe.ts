/** Recipes that copy a tree of files below the prefix: real packages that need no compiler. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Tree, writeTree } from '../host/trees.ts'
import type { Workshop } from './workshop.ts'

export interface TreeRecipe {
  version: string
  tree: Tree
  /** Folder below the prefix that the tree is copied into. */
  into: string
  /** Further fields of the recipe. */
  fields?: object
}

/** Writes recipes/NAME.yaml and its archive, which has the name of its content. */
export function writeTreeRecipe(workshop: Workshop, name: string, recipe: TreeRecipe): void {
  const { version, tree, into, fields } = recipe
  const source = pack(workshop.archives, name, tree)
  workshop.write(
    `recipes/${name}.yaml`,
    JSON.stringify({
      summary: name,
      system: 'copy',
      copy: [{ from: 'tree', to: into }],
      ...fields,
      versions: { [version]: { source } },
    }),
  )
}

function pack(archives: string, name: string, tree: Tree): { url: string; sha256: string } {
  const work = mkdtempSync(join(tmpdir(), 'build-stack-tree-'))
  mkdirSync(join(work, 'top', 'tree'), { recursive: true })
  writeTree(join(work, 'top', 'tree'), tree)
  const archive = join(work, 'archive')
  execFileSync('tar', ['cf', archive, '--sort=name', '--mtime=2020-01-01', '-C', work, 'top'])
  const sha256 = createHash('sha256').update(readFileSync(archive)).digest('hex')
  const file = `${name}-${sha256.slice(0, 12)}.tar`
  copyFileSync(archive, join(archives, file))
  rmSync(work, { recursive: true })
  return { url: `http://127.0.0.1:9/${file}`, sha256 }
}
