import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonSchemas } from '../../runner/config/jsonSchema.ts'
import { packageRoot } from '../../runner/paths.ts'

const test = suite('JSON Schema')
for (const [name, content] of Object.entries(jsonSchemas())) {
  test(`docs/schema/${name} is what the schemas say (else: npm run schema)`, () => {
    const written = readFileSync(join(packageRoot, 'docs', 'schema', name), 'utf8')
    // Not assert.equal: its diff would be the whole file.
    assert.ok(isDeepStrictEqual(JSON.parse(written), JSON.parse(content)), 'stale: npm run schema')
  })
}
test('editors can say what a key is for, and our own annotations stay out', () => {
  const schema = jsonSchemas()['recipe.json']
  assert.match(schema, /Arguments of configure, after --prefix/)
  assert.not.match(schema, /"expected"/)
  assert.equal(JSON.parse(schema).required, ['summary', 'system', 'versions'])
})
test.run()
