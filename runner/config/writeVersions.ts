/** Writes docs/versions.md: `npm run versions`. A test says when it is stale. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../paths.ts'
import { loadProject } from './load.ts'
import { versionTable } from './versionTable.ts'

const project = await loadProject(packageRoot)
const recipes = await project.allRecipes()
writeFileSync(join(packageRoot, 'docs', 'versions.md'), versionTable(recipes.values()))
