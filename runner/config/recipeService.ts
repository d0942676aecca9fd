/** What a recipe says of its services: how they run, what tells that they are up, what they need. Part of the schema in recipe.ts. */
import * as z from 'zod'
import { condition, environment, properties, serviceName, text, words } from './recipeText.ts'

const port = z.number().int().min(1).max(65535).meta({ expected: 'a port number (1 to 65535)' })
const seconds = z.number().int().min(0).meta({ expected: 'a number of seconds' })

const address = text.default('127.0.0.1')

const ready = z
  .union([
    z.strictObject({ port, address }),
    z.strictObject({ port, address, path: text.describe('Of an HTTP request') }),
    z.strictObject({ socket: text.describe('Path of a socket in the file system') }),
    z.strictObject({ command: words.min(1) }),
  ])
  .meta({ expected: '{port, address}, {port, address, path}, {socket} or {command}' })
  .describe(
    'The service is up when this port or socket accepts a connection, the page has no error, or the command succeeds',
  )

/** Of another box; its port may be a value of the host. */
const boxPort = z
  .union([port, z.string().regex(/^\$\{value\.[A-Za-z_][A-Za-z0-9_]*\}$/)])
  .meta({ expected: 'a port number (1 to 65535), or "${value.NAME}"' })

const awaited = z
  .strictObject({
    box: text.describe('The other host, as hosts.yaml names it'),
    recipe: text
      .describe('Recipe that brings it there: in a run over both hosts, that comes first')
      .optional(),
    ready: z
      .union([
        z.strictObject({ address: text, port: boxPort }),
        z.strictObject({ address: text, port: boxPort, path: text.describe('Of an HTTP request') }),
        z.strictObject({ command: words.min(1) }),
      ])
      .meta({ expected: '{address, port}, {address, port, path} or {command}' })
      .describe(
        'It is there when this accepts a connection, the page has no error, or the command succeeds here',
      ),
    timeout: seconds.describe('How long it is waited for').default(300),
  })
  .meta({ expected: '{box, recipe, ready, timeout}' })

const ownFile = text.describe('File below recipes/; ${prefix} and the other variables are filled in')

const own = z
  .strictObject({
    manifest: ownFile.optional(),
    method: ownFile.optional(),
    run: ownFile.optional(),
  })
  .meta({ expected: '{manifest, method, run}' })
  .describe(
    'Files of the recipe’s own in the place of those that are made: the SMF manifest, its method script, the run script of daemontools',
  )

const service = z
  .strictObject({
    summary: text,
    command: words.min(1),
    model: z
      .enum(['foreground', 'background', 'oneshot'])
      .meta({ expected: 'foreground, background or oneshot' })
      .describe(
        'foreground: the command stays; background: it returns and leaves a daemon; oneshot: it does its work and ends',
      )
      .default('foreground'),
    user: text.optional(),
    group: text.optional(),
    directory: text.describe('Working folder').default('/'),
    environment: environment.optional(),
    requires: z
      .array(text)
      .meta({ expected: 'a list of service names' })
      .describe('network, filesystem, RECIPE/SERVICE or a full FMRI')
      .default(['network', 'filesystem']),
    awaits: z
      .array(awaited)
      .meta({ expected: 'a list of {box, recipe, ready, timeout}' })
      .describe('What it needs of other boxes: waited for before it is stopped, and whenever it starts')
      .optional(),
    stop: words.min(1).describe('Command that stops it; without it its processes get SIGTERM').optional(),
    refresh: words.min(1).describe('Command that makes it read its configuration again').optional(),
    startTimeout: seconds.default(60),
    stopTimeout: seconds.default(60),
    ready: ready.optional(),
    limits: z
      .strictObject({
        memory: z.number().int().min(1).meta({ expected: 'a number of bytes' }).describe('Bytes').optional(),
        files: z
          .number()
          .int()
          .min(1)
          .meta({ expected: 'a number of files' })
          .describe('Open at once')
          .optional(),
      })
      .meta({ expected: '{memory, files}' })
      .describe('Of each of its processes')
      .default({}),
    log: z
      .strictObject({
        size: z
          .number()
          .int()
          .min(4096)
          .max(16777215)
          .meta({ expected: 'a number of bytes (4096 to 16777215)' })
          .describe('Bytes of a file')
          .default(1000000),
        count: z.number().int().min(2).meta({ expected: 'a number of files (2 or more)' }).default(10),
      })
      .meta({ expected: '{size, count}' })
      .describe('How daemontools rotates its log; SMF’s logs are rotated by logadm')
      .prefault({}),
    privileges: z
      .array(
        z
          .string()
          .regex(/^[a-z_]+$/)
          .meta({ expected: 'the name of a privilege' }),
      )
      .meta({ expected: 'a list of privileges' })
      .describe('What SMF gives its user beyond the basic ones, such as net_privaddr for ports below 1024')
      .default([]),
    properties: properties
      .describe('SMF: property groups for its programs to read; what an administrator sets with svccfg stays')
      .optional(),
    own: own.optional(),
    enabled: z.boolean().meta({ expected: 'true or false' }).default(true),
    when: condition.optional(),
  })
  .meta({ expected: 'a service (summary, command)' })

export const services = z
  .record(serviceName, service)
  .meta({ expected: 'a map of service names to services' })

export type Service = z.infer<typeof service>
