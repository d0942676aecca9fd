/** The JSON Schemas that editors use to complete and check recipes and hosts.yaml. Made from the zod schemas. */
import * as z from 'zod'
import { hostsSchema } from './hosts.ts'
import { recipeSchema } from './recipe.ts'
import { syncSchema } from './syncProfile.ts'

/** File names with their content, as they stand in docs/schema/. */
export function jsonSchemas(): { 'recipe.json': string; 'hosts.json': string; 'sync.json': string } {
  return {
    'recipe.json': text(recipeSchema, 'A recipe of build-stack: recipes/NAME.yaml'),
    'hosts.json': text(hostsSchema, 'The hosts of build-stack: hosts.yaml'),
    'sync.json': text(syncSchema, 'A profile of build-stack sync: sync/NAME.yaml'),
  }
}

function text(schema: z.ZodType, title: string): string {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7', // what the YAML extensions of editors read
    reused: 'ref',
    // For our own messages only.
    override: ({ jsonSchema }) => {
      delete jsonSchema.expected
    },
  })
  return `${JSON.stringify({ title, ...json }, undefined, 2)}\n`
}
