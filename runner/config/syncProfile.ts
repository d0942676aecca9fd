/** The schema of a profile for sync and restore: sync/NAME.yaml, or a file anywhere. Clonus3's settings are a part of it. */
import * as z from 'zod'
import { BUCKET_ACLS, CANNED_ACLS } from '../s3/objectStore.ts'
import { bucketFields } from './bucketFields.ts'

const text = z.string().meta({ expected: 'a string' })
const yes = z.boolean().meta({ expected: 'true or false' })
const regex = z.string().meta({ expected: 'a regular expression' })
const regexes = z.array(regex).meta({ expected: 'a list of regular expressions' })

const headers = z
  .strictObject({
    match: regex.describe('Where in the path it must be found'),
    content_type: text.describe('Content-Type; by the name’s ending without it').optional(),
    content_encoding: text.describe('Content-Encoding of a file that is packed already').optional(),
    cache_control: text.describe('Cache-Control').optional(),
    expires: text.describe('A date (2027-01-31), or a time from each upload on: 12h, 30d').optional(),
  })
  .meta({ expected: 'headers (match, content_type, content_encoding, cache_control, expires)' })

const root = z
  .union([
    text,
    z.strictObject({
      host: text.describe('A host of hosts.yaml, which is asked over SSH'),
      path: z.string().regex(/^\//).meta({ expected: 'an absolute path' }).describe('The folder there'),
    }),
  ])
  .meta({ expected: 'a folder, or {host, path}' })

export const syncSchema = z
  .strictObject({
    bucket: text,
    prefix: text.describe('All keys begin with it; nothing else in the bucket is looked at').default(''),
    ...bucketFields,
    access_key_id: text.optional(),
    secret_access_key: text.optional(),
    roots: z.array(root).min(1).meta({ expected: 'a list of folders' }),
    relative_paths: yes
      .describe('Keys are paths below the root; else they are whole paths, without the first slash')
      .default(false),
    ignore: regexes.describe('Files and folders whose path has one of these are left alone').default([]),
    cache: z
      .union([yes, text])
      .meta({ expected: 'a file, or true or false' })
      .describe('What is known of objects; false asks for each. A file below ~/.cache without it')
      .default(true),
    bucket_acl: z
      .enum(BUCKET_ACLS)
      .meta({ expected: BUCKET_ACLS.join(', ') })
      .optional(),
    object_acl: z
      .enum(CANNED_ACLS)
      .meta({ expected: CANNED_ACLS.join(', ') })
      .optional(),
    headers: z
      .array(headers)
      .meta({ expected: 'a list of headers' })
      .describe('By regular expression; of several that match, the first that says a header')
      .default([]),
    gzip: z
      .union([yes, regexes])
      .meta({ expected: 'true, false or a list of regular expressions' })
      .describe('What is packed on its way: true for text by its ending')
      .default(false),
    links: z
      .enum(['keep', 'follow', 'skip'])
      .meta({ expected: 'keep, follow or skip' })
      .describe('Symbolic links: as links, as what they lead to, or not at all')
      .default('keep'),
    folders: yes.describe('Objects for empty folders and for those whose mode is not 755').default(true),
  })
  .meta({ expected: 'a profile (bucket, roots)' })

/** A profile as written. */
export type SyncFile = z.infer<typeof syncSchema>
