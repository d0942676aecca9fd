/** Where an S3 server is and whose credentials it is asked with: the same words in profiles of sync and in hosts.yaml. */
import * as z from 'zod'

const text = z.string().meta({ expected: 'a string' })

export const bucketFields = {
  endpoint: z
    .string()
    .regex(/^https?:\/\/[^/]+/)
    .meta({ expected: 'a URL (https://HOST)' })
    .describe('An S3-compatible server; Amazon’s without it')
    .optional(),
  region: text.optional(),
  path_style: z
    .boolean()
    .meta({ expected: 'true or false' })
    .describe('The bucket in the path of URLs, not in their host name; true where there is an endpoint')
    .optional(),
  ca: text.describe('File with the certificate that signed the server’s').optional(),
  aws_profile: text.describe('A section of ~/.aws/credentials and ~/.aws/config').optional(),
}
