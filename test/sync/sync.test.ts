/** `build-stack sync` against a real S3 server: what is put, what is not, and what is known without asking. */
import { chmodSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../../runner/local.ts'
import { inStudios, type Studio } from './studio.ts'

const test = suite('sync')

const studio = inStudios(test)

/** Root reads everything, unless it gives that up. */
function withoutPrivilege(s: Studio) {
  const weak = ['setpriv', '--bounding-set=-dac_override,-dac_read_search']
  const words = ['node', '.build/main.js', '-C', s.workshop.project, 'sync', 'media', '--delete']
  const argv = process.getuid?.() === 0 ? [...weak, ...words] : words
  return run(argv, { environment: s.workshop.env as Record<string, string> })
}

studio('puts what is new, and nothing twice, whether the cache is checked or believed', async (s) => {
  s.write({ 'index.html': '<p>', 'css/global.css': 'body{}', 'img/empty/': '' })
  const dry = await s.sync('--dry-run')
  assert.is(dry.code, 2, dry.stderr)
  assert.match(dry.stdout, /^\+ css\/global\.css {2}new {2}6 B$/m)
  assert.equal(await s.keys(), [])
  const first = await s.sync()
  assert.is(first.code, 0, first.stderr)
  assert.match(first.stdout, /✔ media {2}3 put \(9 B\), 0 the same/)
  assert.equal(await s.keys(), ['css/global.css', 'img/empty/', 'index.html'])
  for (const words of [[], ['--no-rebuild-cache'], ['--dry-run']]) {
    const again = await s.sync(...words)
    assert.is(again.code, 0, again.stdout)
    assert.match(again.stdout, /^✔ media {2}3 the same/)
  }
  assert.is((await s.store.head('css/global.css'))?.headers.contentType, 'text/css')
})

studio('takes the settings of the script of 2007 as they are: whole paths, expressions, ACLs', async (s) => {
  s.write({ 'keep.txt': 'k', 'a.pyc': 'p', 'CVS/Entries': 'e' })
  const { endpoint, accessKeyId, secretAccessKey } = s.server
  s.workshop.write(
    'sync/clonus.yaml',
    `bucket: ${s.bucket}
access_key_id: ${accessKeyId}
secret_access_key: ${secretAccessKey}
endpoint: ${endpoint}
cache: ${join(s.workshop.folder, 'clonus.db')}
relative_paths: false
bucket_acl: private
object_acl: public-read
roots:
  - ${s.root}
ignore:
  - \\.pyc$
  - (?i)/cvs/
`,
  )
  const { code, stderr } = await s.workshop.command('sync', 'clonus')
  assert.is(code, 0, stderr)
  assert.equal(await s.keys(), [`${s.root.slice(1)}/keep.txt`])
  const answer = await fetch(`${endpoint}/${s.bucket}${s.root}/keep.txt`)
  assert.is(await answer.text(), 'k', 'anybody can read it')
  assert.match(readFileSync(join(s.workshop.folder, 'clonus.db'), 'utf8'), /"format":1/)
})

studio('content, time, mode and headers that change are put or updated, each with its reason', async (s) => {
  s.write({ size: 'one', time: 'two', mode: 'three', type: 'four' })
  await s.sync()
  s.write({ size: 'longer' })
  utimesSync(join(s.root, 'time'), 1000, 1000)
  chmodSync(join(s.root, 'mode'), 0o600)
  s.remove('type')
  symlinkSync('size', join(s.root, 'type'))
  s.profile({ headers: [{ match: '/time$', cache_control: 'max-age=60' }] })
  const { code, stdout } = await s.sync()
  assert.is(code, 0)
  assert.match(stdout, /^\+ size {2}size 3 → 6 {2}6 B$/m)
  assert.match(stdout, /^~ time {2}time, Cache-Control none → max-age=60$/m)
  assert.match(stdout, /^~ mode {2}mode 644 → 600$/m)
  assert.match(stdout, /^\+ type {2}file → link/m)
  assert.match(stdout, /2 put .*, 2 updated, 0 the same/)
  assert.is((await s.store.head('time'))?.headers.cacheControl, 'max-age=60')
  assert.match((await s.sync()).stdout, /^✔ media {2}4 the same/)
})

studio(
  '--delete removes objects whose files are gone, but not what is ignored, elsewhere, or of others',
  async (s) => {
    s.profile({ prefix: 'site/', ignore: ['/drafts/'] })
    s.write({ a: '1', b: '2', 'drafts/c': '3' })
    await s.sync()
    for (const key of ['site/drafts/old', 'site/theirs', 'beside'])
      await s.store.put(key, Buffer.from('x'), { metadata: {} })
    s.remove('b')
    assert.match((await s.sync()).stdout, /1 the same/, 'nothing is removed without --delete')
    const dry = await s.sync('--delete', '-n')
    assert.match(
      dry.stdout,
      /^- site\/b {2}not here any more\n✔ media {2}1 to remove, 1 the same, 1 of other clients left/m,
    )
    const { code, stdout } = await s.sync('--delete', '--quiet')
    assert.is(code, 0)
    assert.is(stdout, '')
    assert.equal(await s.keys(), ['beside', 'site/a', 'site/drafts/old', 'site/theirs'])
    await s.sync('--delete', '--force')
    assert.equal(await s.keys(), ['beside', 'site/a', 'site/drafts/old'])
  },
)

studio(
  'a folder that cannot be read loses nothing in the bucket; the rest goes on, and the status says so',
  async (s) => {
    s.write({ 'shut/a': '1', secret: '2', open: '3' })
    await s.sync()
    s.write({ secret: '22', open: '33' })
    chmodSync(join(s.root, 'shut'), 0)
    chmodSync(join(s.root, 'secret'), 0)
    const { code, stdout, stderr } = await withoutPrivilege(s)
    chmodSync(join(s.root, 'shut'), 0o755)
    assert.is(code, 1)
    assert.match(stderr, /^! .*media\/shut: permission denied$/m)
    assert.match(stderr, /^! .*media\/secret: .*permission denied/m)
    assert.match(stdout, /1 put .*2 with a problem/)
    assert.equal(await s.keys(), ['open', 'secret', 'shut/a'])
  },
)

for (const relative_paths of [true, false]) {
  studio(
    `a root that cannot be looked into loses nothing (relative paths: ${relative_paths}); the other root goes on`,
    async (s) => {
      s.write({ 'shut/a': '1', 'open/b': '2' })
      const roots = ['shut', 'open'].map((name) => join(s.root, name))
      s.profile({ roots, relative_paths })
      await s.sync()
      const keys = await s.keys()
      s.write({ 'open/c': '3' })
      chmodSync(join(s.root, 'shut'), 0)
      const { code, stdout, stderr } = await withoutPrivilege(s)
      chmodSync(join(s.root, 'shut'), 0o755)
      assert.is(code, 1, stderr)
      assert.match(stderr, /^! .*media\/shut: permission denied$/m)
      assert.match(stdout, /1 put .*1 with a problem/)
      const added = relative_paths ? 'c' : `${s.root.slice(1)}/open/c`
      assert.equal(await s.keys(), [...keys, added].sort())
    },
  )
}

studio('links as links, as what they lead to, or not at all; sockets are left out', async (s) => {
  s.write({ 'd/f': 'x' })
  symlinkSync('f', join(s.root, 'd/l'))
  symlinkSync('.', join(s.root, 'd/loop'))
  await run(['mkfifo', join(s.root, 'pipe')])
  const kept = await s.sync()
  assert.match(kept.stderr, /pipe is left out: a pipe/)
  assert.is((await s.content('d/l')).toString(), 'f')
  s.profile({ links: 'follow' })
  const followed = await s.sync()
  assert.is(followed.code, 1)
  assert.match(followed.stderr, /d\/loop: it leads back to a folder that it is in/)
  assert.is((await s.content('d/l')).toString(), 'x')
  s.profile({ links: 'skip' })
  await s.sync('--delete')
  assert.equal(await s.keys(), ['d/f'])
})

studio('headers by expression, Expires from the upload on, text packed on its way', async (s) => {
  const text = 'words '.repeat(500)
  s.write({ 'a.txt': text, 'b.bin': 'b', 'c.svgz': 'packed already' })
  s.profile({
    gzip: true,
    headers: [
      { match: '\\.svgz$', content_type: 'image/svg+xml', content_encoding: 'gzip' },
      { match: '\\.(txt|svgz)$', expires: '30d', content_type: 'text/never' },
      { match: '\\.bin$', expires: '2031-01-31' },
    ],
  })
  assert.is((await s.sync()).code, 0)
  const head = await s.store.head('a.txt')
  assert.is(head?.headers.contentEncoding, 'gzip')
  assert.is(head?.headers.contentType, 'text/never')
  assert.ok((head?.size ?? 0) < text.length / 10)
  assert.is(gunzipSync(await s.content('a.txt')).toString(), text)
  const days = ((head?.headers.expires?.getTime() ?? 0) - Date.now()) / 86_400_000
  assert.ok(days > 29 && days <= 30, `${days}`)
  assert.is((await s.store.head('b.bin'))?.headers.expires?.toISOString(), '2031-01-31T00:00:00.000Z')
  assert.is((await s.store.head('c.svgz'))?.headers.contentType, 'image/svg+xml')
  assert.is((await s.content('c.svgz')).toString(), 'packed already')
  assert.match((await s.sync()).stdout, /^✔ media {2}3 the same/)
  const to = join(s.workshop.folder, 'to')
  assert.is((await s.restore('--to', to)).code, 0)
  assert.is(readFileSync(join(to, 'a.txt'), 'utf8'), text)
  assert.is(readFileSync(join(to, 'c.svgz'), 'utf8'), 'packed already')
})

studio('a cache that is damaged, or of another bucket, is said and made anew', async (s) => {
  const cache = join(s.workshop.folder, 'cache.db')
  s.profile({ cache })
  s.write({ a: '1' })
  await s.sync()
  const good = readFileSync(cache, 'utf8')
  for (const [bad, reason] of [
    [good.replace('"a"', '"b"'), 'it is damaged'],
    [good.slice(0, 100), 'it is damaged'],
    ['', 'it is damaged'],
    [good.replace('"format":1', '"format":9'), 'another version of build-stack wrote it'],
    [good.replace(`"bucket":"${s.bucket}"`, '"bucket":"else"'), 'it is of another bucket'],
  ] as const) {
    writeFileSync(cache, bad)
    const { code, stdout, stderr } = await s.sync('--no-rebuild-cache')
    assert.is(code, 0, stderr)
    assert.match(stderr, new RegExp(`the cache .*cache\\.db is not used: ${reason}`))
    assert.match(stdout, /1 the same/)
    assert.match((await s.sync('--no-rebuild-cache')).stderr, /^(?!.*is not used)/s)
  }
})

studio('an object that another client changed is not replaced, and not removed', async (s) => {
  s.write({ a: 'mine', b: 'mine', c: 'mine' })
  await s.sync()
  for (const key of ['a', 'b']) await s.store.put(key, Buffer.from('theirs'), { metadata: {} })
  s.write({ a: 'newer mine' })
  s.remove('b')
  const { code, stderr, stdout } = await s.sync('--delete')
  assert.is(code, 1)
  assert.match(stderr, /^! a: another program has put it since; restore it, or --force$/m)
  assert.match(stdout, /1 the same, 1 of other clients left, 1 with a problem/)
  assert.is((await s.content('a')).toString(), 'theirs')
  assert.is((await s.content('b')).toString(), 'theirs')
  assert.is((await s.sync('--force')).code, 0)
  assert.is((await s.content('a')).toString(), 'newer mine')
})

studio('what another program put with the same content is taken over, not sent again', async (s) => {
  s.write({ a: 'same content' })
  await s.store.put('a', Buffer.from('same content'), { metadata: {} })
  const { code, stdout } = await s.sync()
  assert.is(code, 0)
  assert.match(stdout, /^~ a {2}put by another program$/m)
  assert.match((await s.sync()).stdout, /^✔ media {2}1 the same/)
})

studio('events for programs', async (s) => {
  s.write({ a: '1' })
  mkdirSync(join(s.root, 'e'))
  const { stdout } = await s.sync('--json')
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.ok(
    events.some(
      ({ type, kind, key, size }) => type === 'done' && kind === 'put' && key === 'a' && size === 1,
    ),
  )
  const { type, put, same, problems } = events.at(-1)
  assert.equal({ type, put, same, problems }, { type: 'end', put: 2, same: 0, problems: 0 })
})

test.run()
