/**
 * The recipe schema: the one definition of what recipes/NAME.yaml may hold. The types, the validation and the JSON
 * Schema for editors all come from it. `describe` is the text that editors and error messages show;
 * `meta({ expected })` is how an error message names the shape.
 */
import * as z from 'zod'
import { services } from './recipeService.ts'
import { source } from './recipeSource.ts'
import {
  condition,
  type conditionalWord,
  conditionalWords,
  environment,
  serviceName,
  text,
  words,
} from './recipeText.ts'
import { upstream } from './recipeUpstream.ts'

export type { Service } from './recipeService.ts'
export type { ArchiveSource, CheckoutSource, PackageSource, Source } from './recipeSource.ts'

const patch = z
  .strictObject({
    file: text.describe('File below patches/'),
    strip: z.number().int().min(0).meta({ expected: 'a number of path parts' }).default(1),
    fuzz: z
      .number()
      .int()
      .min(0)
      .meta({ expected: 'a number of lines' })
      .describe('Context lines that may differ; none unless given')
      .default(0),
    after: z.enum(['unpack', 'configure']).meta({ expected: 'unpack or configure' }).default('unpack'),
    when: condition.optional(),
  })
  .meta({ expected: 'a patch (file, strip)' })

const dependencyDetails = z.strictObject({
  version: text.describe('Range of versions').default('*'),
  kind: z
    .enum(['build', 'link', 'run'])
    .meta({ expected: 'build, link or run' })
    .describe('build: needed while building; link: linked to, a change rebuilds; run: needed while running')
    .default('link'),
  when: condition.optional(),
})

const dependencies = z
  .record(
    z.string(),
    z.union([text, dependencyDetails]).meta({ expected: 'a range, or {version, kind, when}' }),
  )
  .meta({ expected: 'a map of recipe names to version ranges' })

const id = z.number().int().min(0).max(2147483647).meta({ expected: 'a number' })

const account = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z_][a-z0-9_.-]{0,30}$/)
      .meta({ expected: 'an account name' }),
    uid: id.optional(),
    group: text.describe('Name of its group; the account’s name without it').optional(),
    gid: id.optional(),
    home: text.default('/'),
    shell: text.default('/bin/false'),
    comment: text.default(''),
    when: condition.optional(),
  })
  .meta({ expected: 'an account (name, uid, group, gid, home, shell)' })

const mode = z
  .string()
  .regex(/^0?[0-7]{3,4}$/)
  .meta({ expected: 'a quoted octal mode such as "0644"' })

const file = z
  .strictObject({
    path: text.describe('Below the prefix, or absolute'),
    content: text.describe('The text; ${prefix} and the other variables are filled in'),
    mode: mode.default('0644'),
    owner: text.optional(),
    group: text.optional(),
    when: condition.optional(),
  })
  .meta({ expected: 'a file (path, content, mode)' })
  .describe('A configuration file. Once installed it is the administrator’s: a changed one is kept.')

const setup = z
  .strictObject({
    title: text,
    command: words,
    creates: text.describe('The command runs only while this path does not exist'),
    when: condition.optional(),
  })
  .meta({ expected: 'a setup (title, command, creates)' })

const smoke = z
  .strictObject({
    command: words.min(1),
    stdout: text.describe('Regular expression that the output must match').optional(),
    when: condition.optional(),
  })
  .meta({ expected: 'a smoke test (command, stdout)' })
  .describe('Run in the stage before anything under the prefix changes, and in place afterwards')

const copied = z
  .array(
    z
      .strictObject({
        from: text.describe('File or folder of the archive; "." for all of it'),
        to: text.describe('Below the prefix'),
      })
      .meta({ expected: '{from, to}' }),
  )
  .meta({ expected: 'a list of {from, to}' })

/** What a recipe says for all its versions, and what a version may say instead: the version’s value replaces the recipe’s. */
const buildFields = {
  system: z
    .enum(['autoreconf', 'autotools', 'cmake', 'copy', 'distutils', 'files', 'make', 'openssl', 'package'])
    .meta({ expected: 'autoreconf, autotools, cmake, copy, distutils, files, make, openssl or package' })
    .describe('How it is built; each is a file in runner/build/systems/'),
  directory: text.describe('Folder inside the archive’s top folder that is built').optional(),
  configure: conditionalWords.describe('Arguments of configure, after --prefix').optional(),
  make: conditionalWords.describe('Arguments of make').optional(),
  install: conditionalWords
    .describe('Arguments of make for the installation; "install" without it')
    .optional(),
  parallel: z
    .boolean()
    .meta({ expected: 'true or false' })
    .describe('false: its Makefiles do not stand make -j')
    .optional(),
  ccache: z
    .boolean()
    .meta({ expected: 'true or false' })
    .describe('false: it does not build with ccache, on no host')
    .optional(),
  distcc: z
    .boolean()
    .meta({ expected: 'true or false' })
    .describe('false: it does not build with distcc, on no host')
    .optional(),
  copy: copied.describe('With system copy: what of the archive goes where below the prefix').optional(),
  env: environment.describe('Environment of every step').optional(),
  path: words.describe('Folders in front of the host’s PATH while it is built').optional(),
  tools: words.describe('Programs that the host must have, besides those of the build system').optional(),
  dependencies: dependencies.optional(),
  patches: z.array(patch).meta({ expected: 'a list of patches' }).optional(),
  accounts: z.array(account).meta({ expected: 'a list of accounts' }).optional(),
  files: z.array(file).meta({ expected: 'a list of files' }).optional(),
  setup: z.array(setup).meta({ expected: 'a list of setups' }).optional(),
  services: services.optional(),
  restarts: z
    .array(serviceName)
    .meta({ expected: 'a list of names of services' })
    .describe('Services of other recipes that read what this one installs: restarted afterwards, if they run')
    .optional(),
  smoke: z.array(smoke).meta({ expected: 'a list of smoke tests' }).optional(),
}

const version = z
  .strictObject({
    ...buildFields,
    system: buildFields.system.optional(),
    source,
    built: words
      .describe('Where this version has really been built, its smoke tests passed and its service run')
      .optional(),
  })
  .meta({ expected: 'a version (source, and what differs from the recipe)' })

export const recipeSchema = z
  .strictObject({
    summary: text,
    homepage: text.optional(),
    upstream: upstream.optional(),
    ...buildFields,
    versions: z
      .record(z.string(), version)
      .meta({ expected: 'a map of versions' })
      .describe('Newest first by habit; the order does not matter'),
  })
  .meta({ expected: 'a recipe' })

export type Condition = z.infer<typeof condition>
export type ConditionalWord = z.infer<typeof conditionalWord>
export type Patch = z.infer<typeof patch>
export type Account = z.infer<typeof account>
export type ConfigFile = z.infer<typeof file>
export type Setup = z.infer<typeof setup>
export type Smoke = z.infer<typeof smoke>
export type DependencyDetails = z.infer<typeof dependencyDetails>
export type DependencyKind = DependencyDetails['kind']
export type RecipeVersion = z.infer<typeof version>
export type BuildSystemName = z.infer<typeof buildFields.system>

/** A recipe as written, with its name (the file's) and the file it came from. */
export type Recipe = z.infer<typeof recipeSchema> & { name: string; file: string }
