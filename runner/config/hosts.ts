/** The schema of hosts.yaml: which machines there are, how to reach them, and which recipes they should have. */
import * as z from 'zod'
import { SIZE } from '../cleanup/spaceLimit.ts'
import type { Location } from '../errors.ts'
import { bucketFields } from './bucketFields.ts'

const text = z.string().meta({ expected: 'a string' })
const words = z.array(text).meta({ expected: 'a list of strings' })
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
  .meta({ expected: 'the name of a variable (letters, digits and _)' })
/** Names of hosts; files on this machine are named for them. */
export const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const hostName = z
  .string()
  .regex(HOST_NAME)
  .meta({ expected: 'the name of a host (letters, digits, ".", "_" and "-")' })
const environment = z.record(variableName, text).meta({ expected: 'a map of variable names to strings' })
const names = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .meta({ expected: 'a name of letters, digits and _' }),
    text,
  )
  .meta({ expected: 'a map of names to strings' })
const secretPlace = z
  .union([z.strictObject({ env: text }), z.strictObject({ file: text })])
  .meta({ expected: '{env: VARIABLE} or {file: PATH}' })
const absolutePath = z.string().regex(/^\//).meta({ expected: 'an absolute path' })

const size = z.string().regex(SIZE).meta({ expected: 'a size such as 500M or 5G' })
/** As distcc has them in DISTCC_HOSTS. */
export const FARM_HOST = /^[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?\/([1-9]\d{0,3})(?:,lzo)?$/

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
  algorithms: z
    .enum(['modern', 'legacy'])
    .meta({ expected: 'modern or legacy' })
    .describe('legacy: allow the SSH algorithms of SunSSH and OpenSSH 4')
    .optional(),
  privilege: z
    .enum(['auto', 'none', 'sudo', 'pfexec'])
    .meta({ expected: 'auto, none, sudo or pfexec' })
    .describe('What gives the rights to install; auto finds out')
    .optional(),
  prefix: absolutePath.describe('Where everything is installed: /opt/local').optional(),
  work: absolutePath.describe('Folder for builds on the host: /var/tmp/build-stack').optional(),
  path: z
    .array(absolutePath)
    .meta({ expected: 'a list of absolute paths' })
    .describe('PATH of builds and services, and of logins by the recipe profile, after the prefix')
    .optional(),
  supervisor: z
    .enum(['auto', 'smf', 'daemontools'])
    .meta({ expected: 'auto, smf or daemontools' })
    .describe('What runs services; auto finds out')
    .optional(),
  scan: absolutePath.describe('Folder that daemontools’ svscan watches: /service').optional(),
  roles: words.describe('web, database, ...; recipes have conditions on them').optional(),
  jobs: z
    .number()
    .int()
    .min(1)
    .meta({ expected: 'a number of jobs' })
    .describe('make -j; the cpus without it')
    .optional(),
  ccache: z
    .union([
      z.boolean(),
      z.strictObject({
        folder: absolutePath.describe('Where it keeps what was compiled; WORK/ccache without it').optional(),
        size: size.describe('How much it keeps; what ccache itself says without it, 5G').optional(),
      }),
    ])
    .meta({ expected: 'true, false, or {folder, size}' })
    .describe('Builds take what was compiled before from the host’s ccache')
    .optional(),
  distcc: z
    .array(
      z
        .string()
        .regex(FARM_HOST)
        .meta({ expected: 'NAME/CPUS or NAME:PORT/CPUS, with ,lzo for a slow line' }),
    )
    .meta({ expected: 'a list of hosts, each NAME/CPUS or NAME:PORT/CPUS' })
    .describe('Hosts where distccd compiles for the builds of this one, and how many cpus of each')
    .optional(),
  keep: z
    .number()
    .int()
    .min(1)
    .meta({ expected: 'a number of packages' })
    .describe('Packages of each recipe that the host keeps for going back; 3 without it')
    .optional(),
  env: environment.describe('Environment of every build on this host').optional(),
  values: names
    .describe('What recipes ask for as ${value.NAME}: addresses of other hosts, ports, sizes')
    .optional(),
  secrets: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), secretPlace)
    .meta({ expected: 'a map of names to {env} or {file}' })
    .describe('What files of recipes ask for as ${secret.NAME}; never in this file')
    .optional(),
}

const recipes = z
  .record(z.string(), wanted)
  .meta({ expected: 'a map of recipe names to versions' })
  .describe('What these hosts should have')
  .default({})

const host = z
  .strictObject({
    address: text
      .describe('Name or address; "sandbox" is a host made of this machine. An inventory can say it instead')
      .optional(),
    ...hostFields,
    recipes,
  })
  .meta({ expected: 'a host (address, roles, recipes)' })

const pattern = z
  .union([text, words])
  .meta({ expected: 'a pattern or a list of patterns' })
  .describe('Which of its hosts: names, patterns with * and ?, and ! for what is left out')

const inventory = z
  .union([
    z.strictObject({
      ssh_config: z
        .union([z.literal(true), text])
        .meta({ expected: 'true (for ~/.ssh/config) or a path' })
        .describe('true for ~/.ssh/config, or another file'),
      pattern,
    }),
    z.strictObject({
      ansible: text.describe('An Ansible inventory: a file in INI or YAML, or a folder of them'),
      pattern: pattern.optional(),
    }),
  ])
  .meta({ expected: '{ssh_config, pattern} or {ansible}' })

const group = z
  .union([
    words,
    z.strictObject({
      hosts: words.describe('Names and patterns; a group of an inventory has its hosts anyway').default([]),
      ...hostFields,
      recipes,
    }),
  ])
  .meta({ expected: 'a list of hosts, or a group (hosts, recipes, settings)' })

const cache = z
  .strictObject({
    packages: size.describe('Packages that hosts built; 5G without it').optional(),
    sources: size.describe('Archives and checkouts; 10G without it').optional(),
    logs: size.describe('Logs of runs; 1G without it').optional(),
  })
  .meta({ expected: 'limits (packages, sources, logs)' })

const storeUrl = z
  .string()
  .regex(/^s3:\/\/[^/]+(\/.*)?$/)
  .meta({ expected: 'a bucket (s3://BUCKET/PREFIX)' })

const store = z
  .union([
    storeUrl,
    z.strictObject({
      url: storeUrl.describe('s3://BUCKET/PREFIX'),
      ...bucketFields,
      key: secretPlace
        .describe('A secret of all who use the store: packages without its mark are refused')
        .optional(),
    }),
  ])
  .meta({ expected: 'a bucket (s3://BUCKET/PREFIX), or {url, endpoint, key}' })

export const hostsSchema = z
  .strictObject({
    cache: cache
      .describe('How much this machine keeps; build-stack gc takes away what was not used for longest')
      .optional(),
    defaults: z.strictObject(hostFields).meta({ expected: 'settings for every host' }).default({}),
    inventories: z
      .array(inventory)
      .meta({ expected: 'a list of inventories' })
      .describe('Where more hosts, or more about these, can be found')
      .default([]),
    groups: z
      .record(hostName, group)
      .meta({ expected: 'a map of groups' })
      .describe('Hosts that share settings and recipes; @NAME on the command line')
      .default({}),
    hosts: z.record(hostName, host).meta({ expected: 'a map of hosts' }).default({}),
    store: store.describe('Where controllers share packages and verified sources').optional(),
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

/**
 * A host as the rest of the program sees it: the entry, over its groups, over its inventory, over the defaults of
 * the file, over the built-in ones. The groups it is in are among its roles.
 */
export type Host = Present<
  Omit<HostEntry, 'recipes'>,
  'prefix' | 'work' | 'path' | 'roles' | 'keep' | 'env' | 'values' | 'secrets'
> & {
  name: string
  recipes: Record<string, WantedRecipe>
  /** Its entry in hosts.yaml, or its place in an inventory. */
  location: Location
}
