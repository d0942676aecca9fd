/** The strings of a recipe: plain ones, names, and those that hold on some hosts only. Part of the schema in recipe.ts. */
import * as z from 'zod'

export const text = z.string().meta({ expected: 'a string' })
export const words = z.array(text).meta({ expected: 'a list of strings' })
const oneOrMore = z.union([text, words]).meta({ expected: 'a string or a list of strings' })

export const condition = z
  .strictObject({
    os: oneOrMore.describe('uname -s: SunOS, Linux').optional(),
    release: oneOrMore.describe('uname -r: 5.10, 5.11').optional(),
    machine: oneOrMore.describe('uname -m: i86pc, sun4v, x86_64').optional(),
    supervisor: oneOrMore.describe('smf, daemontools').optional(),
    role: oneOrMore.describe('a role that the host has in hosts.yaml').optional(),
    version: text.describe('range of the recipe’s own version').optional(),
  })
  .meta({ expected: 'conditions (os, release, machine, supervisor, role, version)' })
  .describe('Holds when every key given holds; a list holds when one of its values does.')

export const conditionalWord = z
  .union([text, z.strictObject({ value: text, when: condition })])
  .meta({ expected: 'a string, or {value, when}' })

export const conditionalWords = z.array(conditionalWord).meta({ expected: 'a list of strings' })

export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
  .meta({ expected: 'the name of a variable (letters, digits and _)' })
export const serviceName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
  .meta({ expected: 'the name of a service (letters, digits, ".", "_" and "-")' })

/** Groups, dependencies and methods share one name space in SMF; these are taken by it and by what we write. */
const TAKEN =
  /^(start|stop|refresh|startd|build-stack|general|general_ovr|restarter|method_context|requires-.*|tm_.*)$/

const propertyName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/)
  .meta({ expected: 'a name (letters, digits, "_" and "-")' })

export const properties = z
  .record(
    propertyName
      .refine((name) => !TAKEN.test(name))
      .meta({ expected: 'a name that SMF does not use itself' }),
    z.record(propertyName, z.string()).meta({ expected: 'a map of property names to strings' }),
  )
  .meta({ expected: 'a map of property groups' })

export const environment = z
  .record(variableName, conditionalWord)
  .meta({ expected: 'a map of variable names to strings' })
