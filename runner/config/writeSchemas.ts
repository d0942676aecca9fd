/** Writes docs/schema/*.json: `npm run schema`, which formats them as well. A test says when they are stale. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../paths.ts'
import { jsonSchemas } from './jsonSchema.ts'

const folder = join(packageRoot, 'docs', 'schema')
mkdirSync(folder, { recursive: true })
for (const [name, content] of Object.entries(jsonSchemas())) writeFileSync(join(folder, name), content)
