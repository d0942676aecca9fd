/** Credentials, the region and the endpoint from where Amazon's own tools have them, against the real server. */
import { existsSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { s3Server, withoutS3 } from '../s3/cephServer.ts'
import { unless } from '../unless.ts'
import { inStudios, Studio } from './studio.ts'

const tests = suite('credentials from the usual places')
const test = inStudios(tests)
tests.before(async () => {
  if (withoutS3() === undefined) await s3Server({ sessions: true })
})

/** What the profile of these tests does not say. */
const OPEN = { access_key_id: undefined, secret_access_key: undefined }

interface Place {
  env?: NodeJS.ProcessEnv
  credentials?: string
  config?: string
  profile?: object
}

function prepare(s: Studio, { env = {}, credentials, config, profile = {} }: Place): void {
  for (const name of Object.keys(s.workshop.env)) if (name.startsWith('AWS_')) delete s.workshop.env[name]
  // Nobody is to be asked for the role of this machine.
  Object.assign(s.workshop.env, { AWS_EC2_METADATA_DISABLED: 'true', ...env })
  if (credentials !== undefined) s.workshop.writeHome('.aws/credentials', credentials)
  if (config !== undefined) s.workshop.writeHome('.aws/config', config)
  s.write({ 'a.txt': 'a' })
  s.profile({ ...OPEN, ...profile })
}

const keyOf = ({ server }: Studio) => ({
  AWS_ACCESS_KEY_ID: server.accessKeyId,
  AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
})
const section = ({ server }: Studio, name: string, more = '') =>
  `[${name}]\naws_access_key_id = ${server.accessKeyId}\naws_secret_access_key = ${server.secretAccessKey}\n${more}`
const elsewhere = { endpoint: undefined }

const places: [string, (s: Studio) => Place][] = [
  ['the environment', (s) => ({ env: keyOf(s) })],
  ['~/.aws/credentials', (s) => ({ credentials: section(s, 'default') })],
  ['~/.aws/config', (s) => ({ config: section(s, 'default') })],
  [
    'a section that the profile names',
    (s) => ({
      credentials: section(s, 'studio', '[default]\naws_access_key_id = X\naws_secret_access_key = Y\n'),
      profile: { aws_profile: 'studio' },
    }),
  ],
  [
    'a section that AWS_PROFILE names',
    (s) => ({ credentials: section(s, 'studio'), env: { AWS_PROFILE: 'studio' } }),
  ],
  [
    'a file that AWS_SHARED_CREDENTIALS_FILE names',
    (s) => {
      s.workshop.writeHome('keys', section(s, 'default'))
      return { env: { AWS_SHARED_CREDENTIALS_FILE: `${s.workshop.home}/keys` } }
    },
  ],
  [
    'an endpoint of the environment',
    (s) => ({ env: { ...keyOf(s), AWS_ENDPOINT_URL_S3: s.server.endpoint }, profile: elsewhere }),
  ],
  [
    'an endpoint of the section',
    (s) => ({
      credentials: section(s, 'studio'),
      config: `[profile studio]\nendpoint_url = ${s.server.endpoint}\n[default]\nendpoint_url = http://127.0.0.1:9\n`,
      profile: { aws_profile: 'studio', ...elsewhere },
    }),
  ],
  [
    'an endpoint for S3 alone',
    (s) => ({
      env: keyOf(s),
      config: `[default]\nservices = ours\n[services ours]\ns3 =\n  endpoint_url = ${s.server.endpoint}\n`,
      profile: elsewhere,
    }),
  ],
]

for (const [title, place] of places) {
  test(title, async (s) => {
    prepare(s, place(s))
    const { code, stdout, stderr } = await s.sync()
    assert.is(code, 0, stdout + stderr)
    assert.equal(await s.keys(), ['a.txt'])
    assert.not.match(stdout + stderr, /a-secret-of-tests/)
  })
}

const withoutCurl = existsSync('/usr/bin/curl') ? undefined : 'there is no curl (apt-get install curl)'
const session = unless(withoutCurl ?? withoutS3(), tests)
session('credentials for an hour, with their token', async () => {
  const s = await Studio.open()
  try {
    const { accessKeyId, secretAccessKey, sessionToken } = await s.server.session()
    const access = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
    prepare(s, { env: access })
    assert.is((await s.sync()).code, 68, 'they are nothing without the token')
    prepare(s, { env: { ...access, AWS_SESSION_TOKEN: sessionToken } })
    const { code, stdout, stderr } = await s.sync()
    assert.is(code, 0, stdout + stderr)
    assert.equal(await s.keys(), ['a.txt'])
    for (const secret of [secretAccessKey, sessionToken]) assert.not.ok((stdout + stderr).includes(secret))
  } finally {
    s.close()
  }
})

const refused: [string, (s: Studio) => Place, RegExp][] = [
  ['none', () => ({}), /no credentials for S3 were found\n {2}next: Set AWS_ACCESS_KEY_ID/],
  [
    'a section that is not there',
    (s) => ({ credentials: section(s, 'default'), profile: { aws_profile: 'studo' } }),
    /no credentials for S3 were found in the section "studo" of ~\/\.aws\/credentials/,
  ],
  [
    'a region that is not the one of the bucket',
    (s) => ({ env: keyOf(s), config: '[default]\nregion = not a region\n' }),
    /region/,
  ],
  [
    'a token that the server did not give',
    (s) => ({ env: { ...keyOf(s), AWS_SESSION_TOKEN: 'made-up-token' } }),
    /answered 400 InvalidArgument/,
  ],
]

for (const [title, place, says] of refused) {
  test(`refused: ${title}`, async (s) => {
    prepare(s, place(s))
    const { code, stderr } = await s.sync()
    assert.is(code, 68, stderr)
    assert.match(stderr, says)
    assert.not.match(stderr, /a-secret-of-tests|made-up-token/)
  })
}
tests.run()
