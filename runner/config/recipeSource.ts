/** Where a version of a recipe comes from: an archive, a Git commit, the host's package manager, or nowhere. Part of the schema in recipe.ts. */
import * as z from 'zod'
import { text } from './recipeText.ts'

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ expected: '64 lower-case hexadecimal digits' })

const alternative = z
  .union([
    z.strictObject({ url: text, file: text.optional(), sha256: sha256.optional() }),
    z.strictObject({
      debian: text.describe('Debian source package'),
      suite: text.describe('Release to ask, when it is not that of this machine').optional(),
      file: text,
      sha256: sha256.optional(),
    }),
    z.strictObject({ directory: text, file: text, sha256: sha256.optional() }),
  ])
  .meta({ expected: 'one of {url, file, sha256}, {debian, suite, file, sha256}, {directory, file, sha256}' })

export const archive = z
  .strictObject({
    url: text.describe('Where upstream publishes the archive'),
    file: text.describe('Name of the archive, when it is not the last part of the URL').optional(),
    sha256: sha256.describe('Checksum of the archive. Without it a run refuses this version.').optional(),
    size: z
      .number()
      .int()
      .positive()
      .describe('Bytes')
      .meta({ expected: 'a whole number of bytes' })
      .optional(),
    alternatives: z
      .array(alternative)
      .meta({ expected: 'a list of alternatives' })
      .describe('Other places, tried in order; each may be another archive with a checksum of its own')
      .optional(),
  })
  .meta({ expected: 'an archive (url, sha256)' })

export const checkout = z
  .strictObject({
    git: text.describe('Address of a Git repository'),
    revision: z
      .string()
      .regex(/^[0-9a-f]{40}$/)
      .meta({ expected: 'a whole commit id: 40 lower-case hexadecimal digits' })
      .describe('The commit; it is its own checksum'),
  })
  .meta({ expected: 'a checkout (git, revision)' })

export const packageManagers = ['pkg-get', 'pkgutil', 'pkgin', 'ips', 'apt'] as const

export const systemPackage = z
  .strictObject({
    packages: z
      .partialRecord(z.enum(packageManagers), text)
      .meta({ expected: `a map of package managers (${packageManagers.join(', ')}) to names of packages` })
      .describe('With system package: what the host’s package manager is asked for, by its name'),
  })
  .meta({ expected: 'packages of the host (packages)' })

export const noSource = z
  .strictObject({ none: z.literal(true).meta({ expected: 'true' }) })
  .meta({ expected: 'no source (none: true)' })
  .describe('With system files: what the recipe itself has is all there is')

export const source = z.union([archive, checkout, systemPackage, noSource]).meta({
  expected: 'a source: an archive (url, sha256), a checkout (git, revision), packages, or none: true',
})

export type ArchiveSource = z.infer<typeof archive>
export type CheckoutSource = z.infer<typeof checkout>
export type PackageSource = z.infer<typeof systemPackage>
export type Source = z.infer<typeof source>
