import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadProject } from '../../runner/config/load.ts'
import type { Recipe } from '../../runner/config/recipe.ts'
import { versionTable } from '../../runner/config/versionTable.ts'
import { packageRoot } from '../../runner/paths.ts'

const table = suite('table of versions')

table('a row for each version, newest first, with how its source is verified and where it was built', () => {
  const recipe = {
    name: 'a',
    versions: {
      '1.9': { source: { url: 'x' } },
      '1.10': { source: { url: 'x', sha256: '0'.repeat(64) }, built: ['here', 'there'] },
      '1.11': { source: { url: 'x', alternatives: [{ url: 'y', sha256: '0'.repeat(64) }] } },
    },
  } as unknown as Recipe
  assert.equal(versionTable([recipe]).trimEnd().split('\n').slice(-3), [
    '| a | 1.11 | sha256 of an alternative | — |',
    '| a | 1.10 | sha256 | here, there |',
    '| a | 1.9 | **no checksum known** | — |',
  ])
})

table('docs/versions.md is what "npm run versions" writes', async () => {
  const recipes = await (await loadProject(packageRoot)).allRecipes()
  assert.is(readFileSync(join(packageRoot, 'docs/versions.md'), 'utf8'), versionTable(recipes.values()))
})

table.run()
