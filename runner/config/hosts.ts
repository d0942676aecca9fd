/** The schema of hosts.yaml: which machines there are, how to reach them, and which recipes they should have. */
import * as z from 'zod'
import type { Location } from '../errors.ts'

const text = z.string().meta({ expected: 'a string' })
const words = z.array(text).meta({ expected: 'a list of strings' })
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
  .meta({ expected: 'the name of a variable (letters, digits and _)' })
const hostName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
  .meta({ expected: 'the name of a host (letters, digits, ".", "_" and "-")' })
const environment = z.record(variableName, text).meta({ expected: 'a map of variable names to strings' })
const absolutePath = z.string().regex(/^\//).meta({ expected: 'an absolute path' })

const wanted = z
  .union([
    text,
    z.strictObject({
      version: text.describe('A version or a range').default('*'),
      configure: words.describe('Further arguments of configure on this host').optional(),
      env: environment.describe('Variables that this host sets or replaces').optional(),
    }),
  ])
  .meta({ expected: 'a version or range, or {version, configure, env}' })

const hostFields = {
  port: z.number().int().min(1).max(65535).meta({ expected: 'a port number (1 to 65535)' }).optional(),
  user: text.optional(),
  key: text.describe('Private key file').optional(),
  agent: z.boolean().meta({ expected: 'true or false' }).describe('Use the SSH agent’s keys').optional(),
  jump: text.describe('Host to connect through: user@host:port, or several with commas').optional(),
  prefix: absolutePath.describe('Where everything is installed: /opt/local').optional(),
  work: absolutePath.describe('Folder for builds on the host: /var/tmp/build-stack').optional(),
  path: z
    .array(absolutePath)
    .meta({ expected: 'a list of absolute paths' })
    .describe('PATH of builds and services, after the prefix')
    .optional(),
  roles: words.describe('web, database, ...; recipes have conditions on them').optional(),
  jobs: z
    .number()
    .int()
    .min(1)
    .meta({ expected: 'a number of jobs' })
    .describe('make -j; the cpus without it')
    .optional(),
  env: environment.describe('Environment of every build on this host').optional(),
}

const host = z
  .strictObject({
    address: text.describe('Name or address; "sandbox" is a host made of this machine'),
    ...hostFields,
    recipes: z
      .record(z.string(), wanted)
      .meta({ expected: 'a map of recipe names to versions' })
      .describe('What this host should have')
      .default({}),
  })
  .meta({ expected: 'a host (address, roles, recipes)' })

export const hostsSchema = z
  .strictObject({
    defaults: z.strictObject(hostFields).meta({ expected: 'settings for every host' }).default({}),
    hosts: z.record(hostName, host).meta({ expected: 'a map of hosts' }),
  })
  .meta({ expected: 'hosts' })

/** hosts.yaml as written. */
export type HostsFile = z.infer<typeof hostsSchema>
type HostEntry = z.infer<typeof host>
type Present<T, K extends keyof T> = T & { [P in K]-?: NonNullable<T[P]> }

/** What a host wants of one recipe. */
export interface WantedRecipe {
  /** A version or a range. */
  version: string
  configure: string[]
  env: Record<string, string>
  /** Where hosts.yaml asks for it. */
  location: Location
}

/** A host as the rest of the program sees it: the entry, over the defaults of the file, over the built-in ones. */
export type Host = Present<Omit<HostEntry, 'recipes'>, 'prefix' | 'work' | 'path' | 'roles' | 'env'> & {
  name: string
  recipes: Record<string, WantedRecipe>
  /** Its entry in hosts.yaml. */
  location: Location
}
