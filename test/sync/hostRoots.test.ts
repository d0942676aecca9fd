/** Files of a host into a bucket, over SSH: a sandbox, and the real S3 server. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withoutS3 } from '../s3/cephServer.ts'
import { unless } from '../unless.ts'
import { Studio, tree } from './studio.ts'

const tests = suite('files of a host in a bucket')
const test = unless(withoutS3(), tests)
const MEDIA = '/export/media'
let s: Studio
/** Where this machine has the host's folder. */
let media: string

if (withoutS3() === undefined) {
  tests.before(async () => {
    s = await Studio.open()
    s.workshop.write('hosts.yaml', JSON.stringify({ hosts: { box: { address: 'sandbox' } } }))
    const { code, stderr } = await s.workshop.command('sandbox', 'start', 'box')
    assert.is(code, 0, stderr)
    media = join(s.workshop.root('box'), MEDIA)
  })
  tests.after(async () => {
    await s.workshop.command('sandbox', 'reset')
    s.close()
  })
}

function write(files: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(media, path)), { recursive: true })
    writeFileSync(join(media, path), content)
  }
}

function profile(settings: object = {}): void {
  s.profile({ roots: [{ host: 'box', path: MEDIA }], relative_paths: false, ...settings })
}

async function synced(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await s.sync(...words)
  assert.is(code, 0, stdout + stderr)
  return stdout
}

test('goes up, is the same the next time, and comes back as it was', async () => {
  const large = Buffer.alloc(20_000_003, 'large file ')
  write({ 'a b/x.txt': 'x', "it's/ü +%": '', 'skip/me~': '1', large, shut: '2' })
  mkdirSync(join(media, 'empty'))
  symlinkSync('a b/x.txt', join(media, 'link'))
  chmodSync(join(media, 'shut'), 0o600)
  utimesSync(join(media, 'large'), 1_195_640_553.125, 1_195_640_553.125)
  profile({ ignore: ['~$'] })
  await synced()
  const keys = ['a b/x.txt', 'empty/', "it's/ü +%", 'large', 'link', 'shut', 'skip/'].map(
    (key) => `box${MEDIA}/${key}`,
  )
  assert.equal((await s.keys()).sort(), [...keys].sort())
  assert.ok((await s.content(`box${MEDIA}/large`)).equals(large))
  assert.match(await synced(), /7 the same/)

  const to = join(s.workshop.folder, 'restored')
  const { code, stderr } = await s.restore('--to', to)
  assert.is(code, 0, stderr)
  const wanted = tree(media)
  delete wanted['skip/me~']
  assert.equal(tree(join(to, 'box', MEDIA)), wanted)
})

test('--delete removes what is gone there, and nothing when the folder is', async () => {
  profile()
  rmSync(join(media, 'a b'), { recursive: true })
  await synced('--delete')
  assert.not.ok((await s.keys()).includes(`box${MEDIA}/a b/x.txt`))
  const before = await s.keys()
  profile({ roots: [{ host: 'box', path: '/export/nothing' }] })
  const { code, stderr } = await s.sync('--delete')
  assert.is(code, 65)
  assert.match(
    stderr,
    /the root box:\/export\/nothing cannot be used: it is not a folder, or may not be read/,
  )
  assert.equal(await s.keys(), before)
})

test('with a root of this machine, under one prefix; the same path of both is two objects', async () => {
  s.write({ here: '1' })
  profile({ roots: [s.root, { host: 'box', path: MEDIA }], prefix: 'both/' })
  await synced()
  const keys = await s.keys('both/')
  assert.ok(keys.includes(`both${s.root}/here`))
  assert.ok(keys.includes(`both/box${MEDIA}/large`))
  profile({ roots: [s.root, { host: 'box', path: MEDIA }], relative_paths: true })
  write({ here: '2' })
  const { code, stderr } = await s.sync()
  assert.is(code, 65)
  assert.match(stderr, /media\/here and box:\/export\/media\/here have the same key "here"/)
})

const refused: [string, object, number, RegExp][] = [
  [
    'a host that is not there',
    { roots: [{ host: 'bix', path: '/x' }] },
    64,
    /there is no host "bix"; did you mean "box"/,
  ],
  [
    'a path that is not absolute',
    { roots: [{ host: 'box', path: 'x' }] },
    65,
    /path: expected an absolute path/,
  ],
  ['links that are followed', { links: 'follow' }, 65, /links of a host cannot be followed/],
]
for (const [title, settings, status, says] of refused) {
  test(`refused: ${title}`, async () => {
    profile(settings)
    const { code, stderr } = await s.sync()
    assert.is(code, status, stderr)
    assert.match(stderr, says)
  })
}
tests.run()
