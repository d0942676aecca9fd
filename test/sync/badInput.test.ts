/** Profiles, roots and servers that cannot be used: what is said, before anything is changed. */
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { freePort } from '../e2e/tcp.ts'
import { withoutS3 } from '../s3/cephServer.ts'
import { Studio } from './studio.ts'

const skip = withoutS3()
if (skip) console.log(`  skipped bad input of sync: ${skip}`)
const test = suite('sync with bad input')
let s: Studio

test.before(async () => {
  if (!skip) s = await Studio.open()
})
test.after(() => s?.close())

function bad(
  name: string,
  settings: object,
  code: number,
  says: RegExp,
  files: Record<string, string> = {},
): void {
  if (skip) {
    test.skip(name)
    return
  }
  test(name, async () => {
    s.write({ 'a/x': '1', 'b/x': '2', file: '3', ...files })
    s.profile(settings)
    const outcome = await s.sync()
    assert.is(outcome.code, code, outcome.stdout + outcome.stderr)
    assert.match(outcome.stderr, says)
    assert.not.match(outcome.stderr, /a-secret-of-tests|another-secret/)
    assert.equal(await s.keys(), [])
  })
}

bad(
  'no such bucket',
  { bucket: 'nobody-has-it' },
  68,
  /there is no bucket "nobody-has-it" at http:\/\/127\.0\.0\.1:\d+\n {2}next: Correct "bucket"/,
)
bad(
  'an access key that nobody has',
  { access_key_id: 'NOBODYSKEY' },
  68,
  /does not know the access key \(NOBO…\)/,
)
bad(
  'a wrong secret',
  { secret_access_key: 'another-secret' },
  68,
  /refused the secret of the access key \(TEST…\)/,
)
bad(
  'a name that is no name of a bucket',
  { bucket: 'Not A Bucket' },
  68,
  /there is no bucket|does not take|answered 4/,
)
bad(
  'half of the credentials',
  { secret_access_key: undefined },
  65,
  /sync\/media\.yaml:\d+:\d+: access_key_id: access_key_id and secret_access_key come together/,
)
bad(
  'an expression that is none, with its place',
  { ignore: ['ok', 'a(b'] },
  65,
  /sync\/media\.yaml:\d+:5: ignore\[1\]: "a\(b" is not a regular expression: unterminated group at character 4/,
)
bad(
  'an expression for headers',
  { headers: [{ match: '(?i)[z-a]' }] },
  65,
  /headers\[0\]\.match: "\(\?i\)\[z-a\]" is not .*: range out of order in character class at character \d/,
)
bad(
  'a date that is none',
  { headers: [{ match: 'x', expires: 'soon' }] },
  65,
  /headers\[0\]\.expires: "soon" is neither a date/,
)
bad('an unknown key', { acl: 'private' }, 65, /unknown key "acl"/)
bad(
  'an ACL that is none',
  { object_acl: 'public' },
  65,
  /object_acl: expected private, public-read, .*, got "public"/,
)
bad('no roots', { roots: [] }, 65, /roots: expected a list of folders, got an empty list/)

if (!skip) {
  test('roots: a file, one that is not there, two whose keys are the same, a file where another has a folder', async () => {
    s.write({ 'a/x': '1', 'b/x': '2', 'c/x/y': '3', file: '4' })
    const at = (...paths: string[]) => paths.map((path) => join(s.root, path))
    const cases: [string[], RegExp][] = [
      [at('file'), /the root .*media\/file cannot be used: it is not a folder/],
      [at('gone'), /the root .*media\/gone cannot be used: it is not there/],
      [at('a', 'b'), /media\/a\/x and .*media\/b\/x have the same key "x"\n {2}next: Leave one/],
      [at('a', 'c'), /have the same key "x"/],
    ]
    for (const [roots, says] of cases) {
      s.profile({ roots })
      const { code, stderr } = await s.sync('--delete')
      assert.is(code, 65, stderr)
      assert.match(stderr, says)
    }
    s.profile({ roots: at('a', '.'), relative_paths: false })
    const { code, stdout } = await s.sync('-n')
    assert.is(code, 2)
    assert.match(stdout, /4 to put/, 'a root in another one: each file once')
  })

  test('nobody listens there', async () => {
    const port = await freePort()
    s.profile({ endpoint: `http://127.0.0.1:${port}` })
    const { code, stderr } = await s.sync()
    assert.is(code, 68)
    assert.match(stderr, new RegExp(`http://127\\.0\\.0\\.1:${port}: connection refused`))
  })

  test('no profile of that name; times and places of restore that are none', async () => {
    s.profile()
    const said = async (...words: string[]) => {
      const { code, stderr } = await s.workshop.command(...words)
      assert.is(code, 64, stderr)
      return stderr
    }
    assert.match(await said('sync', 'medai'), /there is no profile "medai".*media/)
    assert.match(await said('restore', 'media', '--at', 'soon'), /"soon" is not a time/)
    s.profile({ roots: [s.root, join(s.root, 'a')] })
    assert.match(await said('restore', 'media'), /several roots.*\n {2}next: Say where: --to FOLDER/)
  })
}

test.run()
